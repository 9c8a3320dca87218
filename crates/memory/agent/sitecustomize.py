"""Starts the agent, then stands aside for the sitecustomize that would have been found without it.

It leaves sys.path as it would have been. Where there is no other sitecustomize it ends in the ImportError that `site` expects then, so that the name is
as free as before.
"""


def _start():
    import sys

    here = __file__.rpartition("/")[0]
    try:
        import plimsoll_agent

        plimsoll_agent.start()
    except BaseException:  # noqa: BLE001 - whatever goes wrong here must not be seen by the application
        pass
    # Children inherit the environment, not this list, so nothing is lost.
    sys.path[:] = [entry for entry in sys.path if entry != here]
    sys.path_importer_cache.pop(here, None)


def _chain():
    import sys
    from importlib.machinery import PathFinder

    spec = PathFinder.find_spec("sitecustomize", sys.path)
    if spec is None or spec.loader is None:
        raise ImportError("No module named 'sitecustomize'", name="sitecustomize")
    from importlib.util import module_from_spec

    module = module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


_start()
_chain()
