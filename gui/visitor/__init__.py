"""What a booth needs: who is there, what a visitor may do, and how nothing of a visitor stays."""
