"""The hosts: kernel gateway, Jupyter Server and JupyterLab, and the service that they share."""
