"""pythreejs: a ball that can be picked, and a camera that Python follows."""

from pythreejs import (
    AmbientLight,
    Mesh,
    MeshLambertMaterial,
    OrbitControls,
    PerspectiveCamera,
    Picker,
    Renderer,
    Scene,
    SphereGeometry,
)

ball = Mesh(SphereGeometry(radius=1), MeshLambertMaterial(color="red"))
camera = PerspectiveCamera(position=[0, 0, 4], aspect=1)
scene = Scene(children=[ball, camera, AmbientLight(color="#ffffff")], background="#ddddee")
picker = Picker(controlling=ball, event="mousedown")
controls = OrbitControls(controlling=camera)
picker.observe(lambda change: print("picked"), "point")
camera.observe(lambda change: print("camera moved"), "position")
Renderer(camera=camera, scene=scene, controls=[controls, picker], width=300, height=300)
