/**
 * The Python that starts Azure ML's inference server, for `python -c`. The server listens on all addresses of the
 * machine and checks no keys; here it gets a Unix socket instead, which only its owner can reach. It ends with its
 * standard input, so that it never outlives the process that checks the keys.
 *
 * Arguments: the socket, the entry script, the folder for AZUREML_MODEL_DIR, the number of workers.
 */
export const LAUNCHER = `
import os, signal, sys, threading
import gunicorn.app.wsgiapp as wsgiapp
from azureml_inference_server_http import amlserver

socket, script, models, workers = sys.argv[1:5]

class SocketApplication(wsgiapp.WSGIApplication):
    def load_config(self):
        super().load_config()
        self.cfg.set("bind", ["unix:" + socket])
        if "control_socket_disable" in self.cfg.settings:
            self.cfg.set("control_socket_disable", True)

def end_with_parent():
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)

wsgiapp.WSGIApplication = SocketApplication
threading.Thread(target=end_with_parent, daemon=True).start()
sys.argv = ["azmlinfsrv", "--entry_script", script, "--model_dir", models, "--worker_count", workers]
amlserver.run()
`;
