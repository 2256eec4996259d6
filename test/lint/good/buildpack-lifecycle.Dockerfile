ARG base_image=ubuntu:24.04
FROM ${base_image} AS base
ENV CNB_USER_ID=1001
ENV CNB_GROUP_ID=1000
ARG sources
ARG packages="ca-certificates libssl3 tzdata"
ARG package_args='--allow-downgrades --allow-remove-essential --no-install-recommends'
RUN export DEBIAN_FRONTEND=noninteractive && \
    apt-get -y $package_args update && \
    apt-get -y $package_args install $packages && \
    rm -rf /var/lib/apt/lists/* /tmp/* && \
    for path in /workspace /layers; do mkdir -p $path; done && \
    groupadd cnb --gid ${CNB_GROUP_ID} && \
    useradd --uid ${CNB_USER_ID} --gid ${CNB_GROUP_ID} -m -s /bin/bash cnb

FROM base AS run
ARG distro_name
ARG distro_version
LABEL io.buildpacks.base.distro.name=${distro_name}
LABEL io.buildpacks.base.distro.version=${distro_version}
USER ${CNB_USER_ID}:${CNB_GROUP_ID}

FROM base AS build
ARG build_packages="build-essential git"
RUN apt-get update && apt-get -y $package_args install ${build_packages} && rm -rf /var/lib/apt/lists/*
LABEL io.buildpacks.stack.maintainer="Example"
USER ${CNB_USER_ID}:${CNB_GROUP_ID}
