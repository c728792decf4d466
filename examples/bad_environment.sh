# shellcheck shell=bash
# What can be wrong with an environment, all at once. For `. examples/bad_environment.sh`.
export GOROOT='C:\Program Files\Go'
export CGO_ENABLED=$'0\r'
export HTTPS_PROXY=$'"http://proxy.corp.example:3128"\r'
export GOPRIVATE='https://git.corp.example/team ; https://git.corp.example/tools'
export SOURCE_DATE_EPOCH='yesterday'
