"""What every room uses: errors, findings, the funnel, events, files and locks, languages."""
