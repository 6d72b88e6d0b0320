#!/usr/bin/env bash
# Gets a Kafka broker for the tests into .cache/kafka/libs: Apache Kafka's jars, resolved by Maven. Does nothing where
# they are there. Without Java, Maven or its repository the tests that need a broker are skipped, and say so.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

version=4.1.1
kafka="$root/.cache/kafka"
[ "$(cat "$kafka/version" 2>/dev/null)" != "$version" ] || exit 0

ensure_tools "the Kafka broker of the tests" java:default-jre-headless mvn:maven || exit 1

resolve() {
  mkdir -p "$kafka"
  cat >"$kafka/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>rscap</groupId>
  <artifactId>test-broker</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>$version</version>
    </dependency>
  </dependencies>
</project>
POM
  rm -rf "$kafka/libs"
  timeout 600 mvn -B -q -f "$kafka/pom.xml" dependency:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$kafka/libs"
  echo "$version" >"$kafka/version"
}
step "Apache Kafka $version by Maven, for the tests" resolve
