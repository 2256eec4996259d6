FROM ruby:3.3-slim AS gems
RUN apt-get update && apt-get install -y --no-install-recommends build-essential
WORKDIR /srv
COPY Gemfile Gemfile.lock ./
RUN bundle lock --add-platform x86_64-linux aarch64-linux && \
    bundle config set --local without 'development test' && \
    bundle install --jobs "$(nproc)"

FROM ruby:3.3-slim
WORKDIR /srv
COPY --from=gems /usr/local/bundle /usr/local/bundle
COPY Gemfile Gemfile.lock config.ru app.rb ./
CMD ["bundle", "exec", "puma"]
