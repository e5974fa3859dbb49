"""The ablation: the contribution of each part of the method, with few 3D annotations."""
