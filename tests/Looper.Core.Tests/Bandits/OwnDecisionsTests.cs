using Looper.Core.Bandits;
using Looper.Core.Blueprints;
using Looper.Core.Models;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Bandits;

/// <summary>What a bandit learns from, and which of it was its own doing.</summary>
public class OwnDecisionsTests
{
    [Fact]
    public void What_others_decided_under_its_version_is_learned_from_and_is_not_its_own()
    {
        var content = new BlueprintContent
        {
            Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a", Outcomes = [new("purchase", OutcomeKind.Boolean)], Goal = new() { Terms = [new("purchase")] }, Policy = new BanditPolicy(),
        };
        var versions = new Dictionary<int, BlueprintContent> { [1] = content with { Policy = new RandomPolicy() }, [2] = content };
        var read = new RewardedDecisions(content, new VersionTable(content, versions), null);
        void Decided(Reason reason, int version, bool byExperiment = false) => read.Add(new(new()
        {
            Id = $"d{read.Count}", DecisionPointId = default, Unit = "u", Time = DateTimeOffset.UnixEpoch.AddMinutes(read.Count), BlueprintVersion = version, Option = 0, Propensity = 0.5, Reason = reason,
            ExperimentId = byExperiment ? new Guid(1, 2, 3, new byte[8]) : null, Served = Array.Empty<byte>(),
        }, [1], [1], [true], 0));
        Decided(Reason.Policy, 2);
        Decided(Reason.Explore, 2);
        Decided(Reason.Stale, 2);
        Decided(Reason.Holdout, 2);
        Decided(Reason.Experiment, 2, byExperiment: true);
        Decided(Reason.Policy, 2, byExperiment: true); // an arm that is another policy
        Decided(Reason.Explore, 1);
        Assert.Equal([true, true, true, false, false, false, false], Enumerable.Range(0, read.Count).Select(read.IsOwn));
    }
}
