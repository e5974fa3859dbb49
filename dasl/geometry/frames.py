"""Changes of coordinate frame: the only place where an axis flips.

Convention:
    model: metres, x to the image's right for a frontal face, y up, z out of the face.
    view: the same axes after rotation and scaling, pixels.
    image: pixels, 0-based, integer = pixel centre, x right, y down, z towards the viewer.
    crop: as image, inside a square of `CROP_SIZE` pixels.
"""

import numpy as np

from dasl.arrays import Array, array_namespace
from dasl.geometry.coefficients import Pose
from dasl.geometry.crop import CROP_SIZE

# Sign of each image axis relative to the view's: y is down.
IMAGE_AXES = np.array([1.0, -1.0, 1.0], dtype=np.float32)


def view_from_model(points_model: Array, pose: Pose) -> Array:
    """Rotate and scale: (B, N, 3) metres to (B, N, 3) pixels, y up."""
    return points_model @ pose.rotation.mT * pose.scale[:, None, None]


def image_from_view(points_view: Array, pose: Pose) -> Array:
    """Flip y and translate: (B, N, 3) pixels, y up, to (B, N, 3) pixels, y down.

    Weak perspective: z has the scale of x and y and no offset.
    """
    x = points_view[..., 0] + pose.translation[:, None, 0]
    y = pose.translation[:, None, 1] - points_view[..., 1]
    return array_namespace(x).stack([x, y, points_view[..., 2]], axis=-1)


def view_from_image(points_image: Array, pose: Pose) -> Array:
    """The inverse of `image_from_view`, same shapes."""
    x = points_image[..., 0] - pose.translation[:, None, 0]
    y = pose.translation[:, None, 1] - points_image[..., 1]
    return array_namespace(x).stack([x, y, points_image[..., 2]], axis=-1)


def image_from_model(points_model: Array, pose: Pose) -> Array:
    """Project model points into the image: (B, N, 3) metres to (B, N, 3) pixels."""
    return image_from_view(view_from_model(points_model, pose), pose)


def image_from_crop(points_crop: Array, boxes: Array) -> Array:
    """Crop pixels to photo pixels.

    Args:
        points_crop: (B, N, 2 or 3), z (if any) in crop pixels.
        boxes: (B, 4) square crops x0, y0, x1, y1, photo pixels; crop pixel u lies at photo
            x = x0 + (u + 0.5) * (x1 - x0) / CROP_SIZE - 0.5.
    """
    pixel = ((boxes[:, 2] - boxes[:, 0]) / CROP_SIZE)[:, None, None]
    planar = boxes[:, None, :2] + (points_crop[..., :2] + 0.5) * pixel - 0.5
    return array_namespace(planar).concat([planar, points_crop[..., 2:] * pixel], axis=-1)


def crop_from_image(points_image: Array, boxes: Array) -> Array:
    """Photo pixels to crop pixels; the inverse of `image_from_crop`, same shapes."""
    pixel = ((boxes[:, 2] - boxes[:, 0]) / CROP_SIZE)[:, None, None]
    planar = (points_image[..., :2] - boxes[:, None, :2] + 0.5) / pixel - 0.5
    return array_namespace(planar).concat([planar, points_image[..., 2:] / pixel], axis=-1)


def image_pose_from_crop(pose: Pose, boxes: Array) -> Pose:
    """The pose that projects the model into the photo, from one that projects into the crop."""
    pixel = (boxes[:, 2] - boxes[:, 0]) / CROP_SIZE
    translation = boxes[:, :2] + (pose.translation + 0.5) * pixel[:, None] - 0.5
    return Pose(rotation=pose.rotation, scale=pose.scale * pixel, translation=translation)


def crop_pose_from_image(pose: Pose, boxes: Array) -> Pose:
    """The inverse of `image_pose_from_crop`: from a pose in photo pixels to crop pixels."""
    pixel = (boxes[:, 2] - boxes[:, 0]) / CROP_SIZE
    translation = crop_from_image(pose.translation[:, None], boxes)[:, 0]
    return Pose(rotation=pose.rotation, scale=pose.scale / pixel, translation=translation)


def flip_winding(triangles: Array) -> Array:
    """Reverse the winding of triangles (T, 3): outward in model frame to outward in image frame."""
    return triangles[:, [0, 2, 1]]
