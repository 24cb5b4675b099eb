// These tests start processes and browsers: one after another, so that none measures its neighbour.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
