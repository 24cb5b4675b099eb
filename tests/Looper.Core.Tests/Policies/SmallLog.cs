using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Policies;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Policies;

/// <summary>A decision between a and b as it was logged.</summary>
/// <param name="Values">One per outcome that the goal reads.</param>
internal sealed record SmallRow(string Unit, int Option, double Propensity, params double[] Values)
{
    public int Version { get; init; } = 1;
    public Reason Reason { get; init; } = Reason.Explore;
    public Guid? Experiment { get; init; }

    /// <summary>Served after the first feature by versions that have a second; empty for none.</summary>
    public string Country { get; init; } = "";
}

/// <summary>Decisions between two options written down by hand, and what a draft that always gives b is told on them.</summary>
internal static class SmallLog
{
    public static readonly BlueprintContent AlwaysB = new()
    {
        Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a", Features = [new("isVip", FeatureKind.Boolean)],
        Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1) }], Goal = new() { Terms = [new("purchase")] }, Policy = new FixedPolicy("b"),
    };

    public static readonly BlueprintContent Even = AlwaysB with { Policy = new RandomPolicy() };

    /// <summary>A row a minute, all of version 1 unless others are given.</summary>
    public static LoggedDecisions Of(BlueprintContent draft, IEnumerable<SmallRow> rows, IReadOnlyDictionary<int, BlueprintContent>? versions = null, IReadOnlySet<Guid>? grouped = null)
    {
        versions ??= new Dictionary<int, BlueprintContent> { [1] = draft with { Policy = new RandomPolicy() } };
        var log = LoggedDecisions.For(draft, versions, GoalReward.Of(draft).Value!, [], grouped, CurrentVersion.Of(draft, versions, [])).Value!;
        var served = new byte[16];
        foreach (var (row, i) in rows.Select((row, i) => (row, i)))
        {
            var length = ServedRow.WriteBoolean(served, true);
            if (row.Country.Length > 0) length += ServedRow.WriteText(served.AsSpan(length), Encoding.UTF8.GetBytes(row.Country));
            log.Add(new(new()
            {
                Id = $"d{i}", DecisionPointId = default, Unit = row.Unit, Time = DateTimeOffset.UnixEpoch.AddMinutes(i), BlueprintVersion = row.Version, Option = row.Option, Propensity = row.Propensity,
                Reason = row.Reason, ExperimentId = row.Experiment, Served = served.AsSpan(0, length).ToArray(),
            }, [.. row.Values], [.. row.Values], [.. row.Values.Select(_ => true)], 0));
        }
        return log;
    }

    public static PolicyEvaluationResult Judge(BlueprintContent draft, LoggedDecisions log) => PolicyValuation.Judge(
        new() { Key = "banner" }, new("Draft", BlueprintJson.Write(draft), null, null, null), draft, GoalReward.Of(draft).Value!, log, new([], 0, null, null), 1, (_, _) => { }, default);
}
