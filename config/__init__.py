"""What the site decides: settings, their loading and checking, and the label layouts."""
