using System.Collections.Immutable;
using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Models;
using Looper.Core.Numerics;
using Looper.Core.Serving;
using LiveModel = Looper.Core.Models.LiveModel;

namespace Looper.Core.Tests.Models;

/// <summary>What is the matter with a candidate.</summary>
public enum Flaw
{
    /// <summary>A third of the labels it learned from are the other way round.</summary>
    LabelNoise,

    /// <summary>It no longer knows the country, which matters most.</summary>
    DroppedFeature,

    /// <summary>It learned, and is judged, on a refund that is known only after the purchase; live decisions do not have it.</summary>
    LeakMissingLive,

    /// <summary>The same refund, which in live decisions says nothing.</summary>
    LeakEmptyLive,

    /// <summary>None: it knows something that matters and that the live model does not.</summary>
    InjectedSignal,
}

/// <summary>One seeded world: a live model and a candidate are really trained on its past, judged by the gate, and then scored on the live
/// decisions that follow. The candidate should be promoted where it is better, and only there.</summary>
internal sealed class GateWorld(long seed, Flaw flaw)
{
    private const int Past = 4_000, Live = 600;
    private static readonly string[] Countries = ["NL", "DE", "FR"];
    private static readonly Outcome Bought = new("bought", OutcomeKind.Boolean) { Window = TimeSpan.FromHours(1) };
    private static readonly Feature Country = new("country", FeatureKind.Category), Age = new("age", FeatureKind.Number), Vip = new("vip", FeatureKind.Boolean), Refund = new("refund", FeatureKind.Number);

    private static readonly BlueprintContent Served = new()
    {
        Shape = DecisionShape.Choice,
        Options = [new("red"), new("green"), new("blue")],
        Default = "red",
        Features = [Country, Age, Vip, Refund],
        Outcomes = [Bought],
        Goal = new() { Terms = [new("bought")] },
        Training = new() { SearchSeconds = 0, Settings = new() { Rounds = 40, LearningRate = 0.15 }, Gate = new() { ShadowDecisions = 500 } },
    };

    private ImmutableArray<Feature> Known => flaw switch
    {
        Flaw.LabelNoise => [Country, Age],
        Flaw.DroppedFeature => [Age],
        Flaw.InjectedSignal => [Country, Age, Vip],
        _ => [Country, Age, Refund],
    };

    /// <summary>Null when the gate puts the candidate live, else what it misses.</summary>
    public string? Refuses()
    {
        var random = new Philox(seed, "gate-world");
        Example[] past = [.. Enumerable.Range(0, Past).Select(i => Draw(random, i))], live = [.. Enumerable.Range(Past, Live).Select(i => Draw(random, i))];
        var standing = Fit([Country, Age], past, null, seed).Value!;
        var learned = flaw != Flaw.LabelNoise ? past : [.. past.Select((e, i) => i < 0.75 * Past && random.Uniform() < 1 / 3.0 ? e with { Values = [1 - e.Values[0]] } : e)];
        var beside = new LiveModel(1, standing.Predictor, DateTimeOffset.MaxValue, standing.Lineage.FittedUntil);
        var candidate = Fit(Known, learned, beside, seed + 1_000_000).Value!;
        if (!candidate.Evidence.Holds) return candidate.Evidence.Verdict;

        var content = Served with { Features = Known };
        var versions = new VersionTable(content, [new(1, Served)]);
        var reading = Read(versions, live);
        var shadow = new Shadowing(content, versions, reading.Examples, Bought, TimeProvider.System).Compare(candidate.Predictor, beside, new(PredictionTask.Binary), candidate.Profile);
        Assert.True(ShadowGate.IsReady(shadow, Served.Training.Gate, Bought, TimeSpan.FromDays(1)));
        var judged = ShadowGate.Judge(shadow, Served.Training.Gate, DateTimeOffset.MaxValue);
        return judged.Holds ? null : $"Shadow. {judged.Verdict}";
    }

    private static Answered<Trained> Fit(ImmutableArray<Feature> known, Example[] past, LiveModel? live, long seed)
    {
        var content = Served with { Features = known };
        var versions = new VersionTable(content, [new(1, Served)]);
        var reading = Read(versions, past);
        return new Trainer(content, versions, reading.Examples, TimeProvider.System).Fit(reading.RowsOf(0), live, "trial", seed, (_, _) => { }, default);
    }

    private static ExampleReading Read(VersionTable versions, Example[] examples)
    {
        var reading = new ExampleReading([Bought], versions, provisional: false);
        var labels = new double[1];
        foreach (var example in examples) reading.Add(example, labels);
        return reading;
    }

    private Example Draw(Philox random, int i)
    {
        int country = random.Below(3), option = random.Below(3);
        var (age, vip) = (18 + 62 * random.Uniform(), random.Uniform() < 0.3);
        var chance = (option == country ? 0.45 : 0.12) + 0.05 * age / 80 + (vip && flaw == Flaw.InjectedSignal ? 0.4 : 0);
        var bought = random.Uniform() < chance ? 1.0 : 0;
        var (tells, noise) = (random.Uniform() < 0.85, random.Uniform() < 0.3 ? 1.0 : 0);
        double? refund = i < Past ? tells ? bought : noise : flaw == Flaw.LeakMissingLive ? null : noise;
        var decision = new DecisionRecord
        {
            Id = $"d-{i}", DecisionPointId = default, Unit = $"u-{i}", Time = Simulated.Start.AddMinutes(i), BlueprintVersion = 1, Option = option,
            Propensity = 1 / 3.0, Reason = Reason.Explore, Served = Row(Countries[country], age, vip, refund),
        };
        return new(decision, [bought], [bought], [true], 0);
    }

    private static byte[] Row(string country, double age, bool vip, double? refund)
    {
        var bytes = new byte[64];
        var at = ServedRow.WriteText(bytes, Encoding.UTF8.GetBytes(country));
        at += ServedRow.WriteNumber(bytes.AsSpan(at), age);
        at += ServedRow.WriteBoolean(bytes.AsSpan(at), vip);
        at += refund is { } value ? ServedRow.WriteNumber(bytes.AsSpan(at), value) : ServedRow.WriteMissing(bytes.AsSpan(at));
        return bytes[..at];
    }
}
