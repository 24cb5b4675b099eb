using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Studies;

namespace Looper.Core.Simulation;

/// <summary>Sets the simulated notification product up: a decision point that answers the settings of its rule, and a study that tunes them.</summary>
public sealed class NotificationDemo(DraftActions drafts, DecisionPointQueries points, StudyActions studies)
{
    public const string DecisionPointKey = "notifications", Worth = "worth", OptOut = "optOut";

    /// <summary>Makes what is not there yet; a second start changes nothing.</summary>
    public async Task<Refusal?> EnsureAsync(CancellationToken cancel)
    {
        if (await points.FindAsync(Caller.System, DecisionPointKey, cancel) is not null) return null;
        var request = new NewDraft(Key: DecisionPointKey, Name: "Notification rule", Description: "From which score on the simulated app sends a notification.", Content: Content())
        {
            IsSimulated = true,
        };
        var draft = await drafts.CreateAsync(Caller.System, request, cancel);
        if (draft.Refusal is { } notDrafted) return notDrafted;
        var published = await drafts.PublishAsync(Caller.System, draft.Value!.Id, null, "Simulated", cancel);
        if (published.Refusal is { } notPublished) return notPublished;
        var study = await studies.CreateAsync(Caller.System, new("When is a notification worth sending?", DecisionPointKey, Plan(unitsPerArm: 400)), cancel);
        return study.Refusal ?? await studies.StartAsync(Caller.System, study.Value, cancel);
    }

    /// <summary>Outcomes wait one minute only, so that the whole loop can be watched.</summary>
    public static BlueprintContent Content() => new()
    {
        Shape = DecisionShape.Configuration,
        Parameters =
        [
            new("threshold") { Low = 0, High = 1 }, new("clickWeight") { Low = 0, High = 1 },
            new("worthWeight") { Low = 0, High = 1 }, new("restWeight") { Low = 0, High = 0.5 },
        ],
        Default = Present,
        Outcomes =
        [
            new(Worth, OutcomeKind.Number) { Aggregation = Aggregation.Sum, Window = TimeSpan.FromMinutes(1), UnitOfMeasure = "EUR" },
            new(OptOut, OutcomeKind.Boolean) { Aggregation = Aggregation.Any, Window = TimeSpan.FromMinutes(1), Better = Direction.Lower },
        ],
        Goal = new() { Terms = [new(Worth)], Guardrails = [new(OptOut, 0)] },
        Policy = new FixedPolicy(Present),
        Training = new() { FirstModelAt = 0 },
    };

    /// <summary>Eight batches of five arms; no more users may opt out than under the present rule.</summary>
    public static StudyPlan Plan(long unitsPerArm, long seed = 1) => StudyActions.DefaultPlan(Content()) with
    {
        Trials = 40, Batch = 5, UnitsPerArm = unitsPerArm, ReadMinutes = 0.25, Seed = seed,
    };

    /// <summary>The rule that a configuration means.</summary>
    public static NotificationPolicy PolicyOf(string configuration) => Configuration.Parse(configuration, Content().Parameters, out _) is { Values: var v }
        ? new(v["threshold"].Number, v["clickWeight"].Number, v["worthWeight"].Number, v["restWeight"].Number) : NotificationPolicy.Present;

    private static string Present => FormattableString.Invariant(
        $$"""{"threshold":{{NotificationPolicy.Present.Threshold}},"clickWeight":{{NotificationPolicy.Present.ClickWeight}},"worthWeight":{{NotificationPolicy.Present.WorthWeight}},"restWeight":{{NotificationPolicy.Present.RestWeight}}}""");
}
