"""Running unattended: the systemd user service with its watchdog, and the start at login."""
