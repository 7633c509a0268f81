// jQuery itself, by its file: its name stands for the shim beside this file.
export { default } from "../../../node_modules/jquery/dist/jquery.js";
