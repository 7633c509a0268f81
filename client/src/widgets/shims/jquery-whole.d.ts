declare const jQuery: unknown;
export default jQuery;
