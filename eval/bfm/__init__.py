"""Dense truth from the user's own BFM, and how meshes are matched with it."""
