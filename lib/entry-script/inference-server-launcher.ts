/**
 * Python code for `python -c` that starts Azure ML's inference server. By default, the server listens on all addresses of
 * the machine and checks no keys. Here it listens on a Unix socket instead, which only its owner can access. It ends when
 * its standard input is closed, so that it never outlives the process that checks the keys, and removes the socket's
 * folder.
 *
 * Arguments: the socket, the entry script, the folder for AZUREML_MODEL_DIR, the number of workers.
 */
export const LAUNCHER = `
import atexit, contextlib, os, signal, sys, threading
import gunicorn.app.wsgiapp as wsgiapp
from azureml_inference_server_http import amlserver

socket, script, models, workers = sys.argv[1:5]
main_process = os.getpid()

class SocketApplication(wsgiapp.WSGIApplication):
    def load_config(self):
        super().load_config()
        self.cfg.set("bind", ["unix:" + socket])
        if "control_socket_disable" in self.cfg.settings:
            self.cfg.set("control_socket_disable", True)

def remove_folder():
    # Workers are forks of this process, and end while others still serve.
    if os.getpid() == main_process:
        for remove, path in (os.unlink, socket), (os.rmdir, os.path.dirname(socket)):
            with contextlib.suppress(OSError):
                remove(path)

def end_with_parent():
    while os.read(0, 4096):
        pass
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        # The server is not up so far: the signal ends this process at once.
        remove_folder()
    os.kill(main_process, signal.SIGTERM)

wsgiapp.WSGIApplication = SocketApplication
atexit.register(remove_folder)
threading.Thread(target=end_with_parent, daemon=True).start()
sys.argv = ["azmlinfsrv", "--entry_script", script, "--model_dir", models, "--worker_count", workers]
amlserver.run()
`;
