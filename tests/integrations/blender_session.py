"""Run by a Python with `bpy`: uses the extension as Blender does and prints what came of it.

Arguments: the folder of extensions, the dasl command, a picture to draw or "-", then photos.
Prints one JSON line for each photo.
"""

import json
import os
import sys
from pathlib import Path

import bpy

folder, command, picture, *photos = sys.argv[1:]
repository = bpy.context.preferences.extensions.repos.new(
    name="here", module="here", custom_directory=folder
)
repository.enabled = True
repository.use_custom_directory = True
repository.custom_directory = folder
NAME = "bl_ext.here.dasl_head"


def facts(thing):
    """What matters of one imported object."""
    keys = thing.data.shape_keys
    material = thing.data.materials[0]
    images = [node.image for node in material.node_tree.nodes if node.type == "TEX_IMAGE"]
    points = [corner.co for corner in thing.data.vertices]
    return {
        "name": thing.name,
        "parent": thing.parent.name if thing.parent else None,
        "keys": {key.name: key.value for key in keys.key_blocks} if keys else {},
        "moved": {
            key.name: max(
                (a.co - b.co).length for a, b in zip(key.data, keys.key_blocks[0].data, strict=True)
            )
            for key in (keys.key_blocks if keys else [])
        },
        "material": material.name,
        "packed": [image.packed_file is not None for image in images],
        "images": [list(image.size) for image in images],
        "triangles": len(thing.data.polygons),
        "low": [min(p[axis] for p in points) for axis in range(3)],
        "high": [max(p[axis] for p in points) for axis in range(3)],
    }


def draw(path):
    """A picture of the scene by Cycles, from the front."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 8
    scene.render.resolution_x = scene.render.resolution_y = 320
    scene.view_settings.view_transform = "Standard"
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.location, camera.rotation_euler = (0.2, -0.9, 0.02), (1.5708, 0.0, 0.22)
    sun = bpy.data.objects.new("sun", bpy.data.lights.new("sun", "SUN"))
    sun.data.energy, sun.rotation_euler = 3.0, (0.9, 0.3, 0.0)
    for thing in (camera, sun):
        scene.collection.objects.link(thing)
    scene.camera = camera
    scene.render.filepath = path
    bpy.ops.render.render(write_still=True)


bpy.ops.preferences.addon_enable(module=NAME)
bpy.context.preferences.addons[NAME].preferences.command = command
for photo in photos:
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.preferences.addon_enable(module=NAME)
    bpy.context.preferences.addons[NAME].preferences.command = command
    answer = {"photo": Path(photo).name, "error": None}
    try:
        answer["status"] = list(bpy.ops.import_scene.dasl_head(filepath=photo, hair=True))
    except RuntimeError as error:  # an operator's error report
        answer["error"] = str(error)
    answer["objects"] = [facts(thing) for thing in bpy.data.objects]
    print("ANSWER " + json.dumps(answer), flush=True)
    if picture != "-" and answer["objects"]:
        draw(picture)

sys.stdout.flush()
os._exit(0)  # the module's own clean-up may crash after a rendering
