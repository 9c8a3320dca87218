#!/usr/bin/env bash
# Puts the body of a comment under a pull request: the one that is there already is changed, and only otherwise a new one is made.
#
#   packaging/comment.sh FILE NUMBER
#
# The file's first line is a mark that nobody sees; a comment that begins with it is ours. Needs the GitHub CLI with a token that may write
# to pull requests, and GITHUB_REPOSITORY.

set -euo pipefail

[ $# -eq 2 ] || { sed -n '2,/^$/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
file=$1 number=$2
[[ $number =~ ^[0-9]+$ ]] || { printf 'comment: %s is no number of a pull request\n' "$number" >&2; exit 2; }
[ -s "$file" ] || { printf 'comment: %s is empty or not there\n' "$file" >&2; exit 2; }
mark=$(head -n 1 -- "$file")
case $mark in
    '<!-- plimsoll'*' -->') ;;
    *) printf 'comment: %s does not begin with a mark\n' "$file" >&2; exit 2 ;;
esac

comments=repos/$GITHUB_REPOSITORY/issues
# The mark reaches the filter as a variable, never as a part of its text.
known=$(MARK=$mark gh api --paginate "$comments/$number/comments?per_page=100" \
    --jq '.[] | select((.body // "") | startswith(env.MARK)) | .id' | sed -n 1p)
if [ -n "$known" ]; then
    gh api --silent -X PATCH "$comments/comments/$known" -F "body=@$file"
    echo "comment: changed $known"
else
    gh api --silent -X POST "$comments/$number/comments" -F "body=@$file"
    echo "comment: made"
fi
