# A custom image whose gateway is not ours: SageMaker brings one along, with another Python, and points
# its Jupyter path at /opt/conda/share/jupyter. jupyter_sm is here while the image is built, no longer.
ARG BASE=docker.io/condaforge/miniforge3:24.7.1-0
FROM ${BASE}

RUN conda create --yes --name science python=3.11 ipykernel \
 && conda create --yes --name training python=3.11 ipykernel \
 && conda clean --all --yes
RUN pip install --no-cache-dir ipykernel

COPY jupyter_sm-*.whl /tmp/
RUN python -m venv /tmp/builder \
 && /tmp/builder/bin/pip install --no-cache-dir /tmp/jupyter_sm-*.whl \
 && JUPYTER_PATH=/opt/conda/share/jupyter /tmp/builder/bin/jupyter sm kernels \
      --export /opt/conda/share/jupyter \
 && rm -r /tmp/builder /tmp/jupyter_sm-*.whl

ARG NB_USER=sagemaker-user
ARG NB_UID=1000
ARG NB_GID=100

RUN useradd --create-home --shell /bin/bash --gid "$NB_GID" --uid "$NB_UID" "$NB_USER"
USER $NB_UID:$NB_GID
ENTRYPOINT []
