using Looper.Core.Bandits;
using Looper.Core.Blueprints;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;

namespace Looper.Core.Tests.Serving.Candidates;

public sealed class ExploredPlacesTests
{
    [Fact] // sent as c0, c1, c2, c3, the first three shown in this order
    public void A_place_is_explored_when_somebody_left_was_believed_to_be_better()
    {
        Assert.Equal([false, false, false], Explored(Reason.Policy, 0.9, 0.5, 0.4, 0.1));
        Assert.Equal([true, false, false], Explored(Reason.Explore, 0.5, 0.9, 0.4, 0.1));
        Assert.Equal([false, true, true], Explored(Reason.Explore, 0.9, 0.3, 0.4, 0.5)); // the last place for one that is not shown
        Assert.Equal([false, false, false], Explored(Reason.Policy, 0.5, 0.5, 0.5, 0.5));
    }

    [Fact]
    public void Where_nothing_was_believed_all_places_are_or_none()
    {
        Assert.Equal([true, true, true], Explored(Reason.Explore));
        Assert.Equal([false, false, false], Explored(Reason.Holdout));
    }

    private static bool[] Explored(Reason reason, params double[] scores)
    {
        var workspace = new DecisionWorkspace();
        Offers.Decide(Serve.Snapshot(Offers.Point(RankedWorld.Content(new AsSentPolicy()) with { Positions = 3 }, withModel: false)), "d", Offers.Priced(1, 2, 3, 4), workspace);
        var sent = ServedCandidates.Read(ServedCandidates.Write(workspace.Candidates))!;
        return ExploredPlaces.Of(new() { Id = "d", DecisionPointId = default, Unit = "u", Time = default, BlueprintVersion = 1, Option = 0, Propensity = 1, Reason = reason, Served = ReadOnlyMemory<byte>.Empty, Scores = [.. scores] }, sent);
    }
}
