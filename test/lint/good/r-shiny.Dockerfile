FROM rocker/r-ver:4.4.1
RUN /rocker_scripts/install_pandoc.sh && \
    apt-get update && apt-get install -y --no-install-recommends libcurl4-openssl-dev libssl-dev libxml2-dev && rm -rf /var/lib/apt/lists/*
RUN R -e "install.packages(c('shiny', 'dplyr', 'ggplot2'), Ncpus = parallel::detectCores())"
COPY app.R /srv/app.R
EXPOSE 3838
CMD ["R", "-e", "shiny::runApp('/srv/app.R', host = '0.0.0.0', port = 3838)"]
