"""How work is run: a second thread, several processes, ONNX Runtime sessions."""
