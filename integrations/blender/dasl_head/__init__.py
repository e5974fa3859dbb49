"""Blender extension: makes a head with ARKit shape keys, material and hair from a photo of a face.

Calls the installed `dasl` command, so Blender's own Python needs none of dasl's packages.
"""

from pathlib import Path

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty
from bpy_extras.io_utils import ImportHelper

from .command import Choices, DaslFailed, Reconstruction

PHOTOS = "*.jpg;*.jpeg;*.png;*.webp;*.heic;*.avif;*.tif;*.tiff;*.bmp;*.jp2"
LOOK_EVERY_S = 0.2


class DaslPreferences(bpy.types.AddonPreferences):
    """Preferences: the location of the `dasl` command."""

    bl_idname = __package__

    command: StringProperty(
        name="dasl command",
        description="The installed dasl program: a name on the PATH, or its file",
        default="dasl",
        subtype="FILE_PATH",
    )

    def draw(self, context):
        """Show the one setting."""
        self.layout.prop(self, "command")


class DASL_OT_head_from_photo(bpy.types.Operator, ImportHelper):
    """Make a head with shape keys from a photo of a face."""

    bl_idname = "import_scene.dasl_head"
    bl_label = "Head from Photo"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - Blender asks for a set

    filter_glob: StringProperty(default=PHOTOS, options={"HIDDEN"})
    hair: BoolProperty(name="Hair or hat", description="As a separate object", default=True)
    fine: BoolProperty(name="Fine mesh", description="Four times the triangles", default=False)
    as_photo: BoolProperty(
        name="Light as photo", description="Keep the photo's light in the texture", default=False
    )
    texture_size: EnumProperty(
        name="Texture", items=[("1024", "1024", ""), ("2048", "2048", "")], default="1024"
    )

    def execute(self, context):
        """Start the command; with a window, wait for it without blocking Blender."""
        photo = Path(bpy.path.abspath(self.filepath))
        choices = Choices(self.hair, self.fine, self.as_photo, int(self.texture_size))
        try:
            self._work = Reconstruction(_command(context), photo, choices)
        except DaslFailed as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self._name = photo.stem
        if bpy.app.background or context.window is None:
            return self._finish(context)
        manager = context.window_manager
        self._timer = manager.event_timer_add(LOOK_EVERY_S, window=context.window)
        manager.modal_handler_add(self)
        context.window.cursor_modal_set("WAIT")
        context.workspace.status_text_set(f"dasl: making a head from {photo.name} (Esc cancels)")
        return {"RUNNING_MODAL"}

    def modal(self, context, event):
        """Check at each timer tick whether the command has ended."""
        if event.type == "ESC":
            self._leave(context)
            self._work.close()
            self.report({"INFO"}, "dasl: cancelled")
            return {"CANCELLED"}
        if event.type != "TIMER" or self._work.is_running():
            return {"PASS_THROUGH"}
        self._leave(context)
        return self._finish(context)

    def _leave(self, context):
        context.window_manager.event_timer_remove(self._timer)
        context.window.cursor_modal_restore()
        context.workspace.status_text_set(None)

    def _finish(self, context):
        """Import what the command wrote, or report its message."""
        try:
            heads = self._work.heads()
            for number, head in enumerate(heads, start=1):
                name = self._name if len(heads) == 1 else f"{self._name} {number}"
                import_head(head, name)
        except (DaslFailed, RuntimeError) as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        finally:
            self._work.close()
        self.report({"INFO"}, f"dasl: {len(heads)} head{'s' if len(heads) > 1 else ''}")
        return {"FINISHED"}


def import_head(path: Path, name: str) -> list:
    """Import one GLB of dasl and name its objects, meshes and materials after the person.

    Returns:
        The new objects, the head first.
    """
    before = set(bpy.data.objects)
    bpy.ops.import_scene.gltf(filepath=str(path))
    made = [thing for thing in bpy.data.objects if thing not in before]
    made.sort(key=lambda thing: thing.parent is not None)
    for thing in made:
        part = "" if thing.parent is None else f" {thing.name.split('.')[0]}"
        thing.name = thing.data.name = f"{name}{part}"
        if thing.data.shape_keys:
            thing.data.shape_keys.name = f"{name}{part} expressions"
        for slot in thing.material_slots:
            slot.material.name = f"{name} {slot.material.name.split('.')[0]}"
    return made


def _command(context) -> str:
    addon = context.preferences.addons.get(__package__)
    return addon.preferences.command if addon else "dasl"


def _draw_in_menu(menu, context):
    menu.layout.operator(DASL_OT_head_from_photo.bl_idname, text="Head from Photo (dasl)")


def register():
    """Called by Blender."""
    bpy.utils.register_class(DaslPreferences)
    bpy.utils.register_class(DASL_OT_head_from_photo)
    bpy.types.TOPBAR_MT_file_import.append(_draw_in_menu)


def unregister():
    """Called by Blender."""
    bpy.types.TOPBAR_MT_file_import.remove(_draw_in_menu)
    bpy.utils.unregister_class(DASL_OT_head_from_photo)
    bpy.utils.unregister_class(DaslPreferences)
