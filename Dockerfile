# The lab's app, its scheduler and its workers: one image, three commands (compose.yaml).
FROM python:3.11-slim-bookworm

RUN useradd --create-home --uid 1000 lab && mkdir /home/lab/data /home/lab/credentials && chown lab /home/lab/data /home/lab/credentials
WORKDIR /lab
# First, so that a change of the lab does not install all packages anew.
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .

USER lab
ENV FMNIST_HOME=/home/lab/data
VOLUME /home/lab/data
EXPOSE 8501
HEALTHCHECK --start-period=30s CMD python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=5)"
CMD streamlit run app.py --server.headless=true --server.address=0.0.0.0
