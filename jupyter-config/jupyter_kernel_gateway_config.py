# Installed by the Python package jupyter_sm, and removed when it is uninstalled. It switches jupyter_sm
# on in `jupyter kernelgateway`; JUPYTER_SM_GATEWAY=0 switches it off. Any Python may read this file.
c = get_config()  # noqa: F821
try:
    from jupyter_sm.server.hook import configure

    configure(c)
except Exception as error:
    import logging

    logging.getLogger("jupyter_sm").warning("jupyter_sm is not active in this gateway: %s", error)
