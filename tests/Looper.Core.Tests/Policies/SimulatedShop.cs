using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Numerics;
using Looper.Core.Policies;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Policies;

/// <summary>Logged decisions of a shop whose every probability is known: three banners, six kinds of visitor, units that come up to three times and
/// have a temper of their own. The value of any policy over its population is a sum.</summary>
public static class SimulatedShop
{
    /// <summary>How the log was made.</summary>
    public enum Logging
    {
        /// <summary>Every banner is likely for every visitor.</summary>
        Good,

        /// <summary>The draft's own rule served, with one decision in twenty drawn evenly: the first banner is given as rarely as that.</summary>
        Exploring,

        /// <summary>The banner that the draft wants was never given to a third of the visitors.</summary>
        Blind,

        /// <summary>The banner that the draft wants was given one time in a thousand.</summary>
        Rare,

        /// <summary>Nothing but the first banner was given.</summary>
        Certain,
    }

    private static readonly ImmutableArray<string> s_banners = ["none", "discount", "shipping"];

    public static readonly BlueprintContent Draft = new()
    {
        Shape = DecisionShape.Choice, Options = [.. s_banners.Select(b => new Option(b))], Default = "none",
        Features = [new("country", FeatureKind.Category), new("isMember", FeatureKind.Boolean)],
        Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1) }], Goal = new() { Terms = [new("purchase")] },
        Policy = new TreePolicy(new() { Feature = "country", Is = "NL", Then = new() { Option = "shipping" }, Else = new() { Feature = "isMember", Is = "true", Then = new() { Option = "discount" }, Else = new() { Option = "shipping" } } }) { Explore = 0.1 },
    };

    private static readonly BlueprintContent s_serving = Draft with { Policy = new RandomPolicy() };

    /// <summary>Mean purchases a decision under the draft: the mean of the six kinds of visitor.</summary>
    public static double Truth { get; } = Enumerable.Range(0, 6).Average(kind =>
        Enumerable.Range(0, 3).Sum(b => (b == Wanted(kind) ? 0.9 + 0.1 / 3 : 0.1 / 3) * Chance(kind, b)));

    /// <summary>The draft's value beyond that of the first banner for everyone, as a fraction of it.</summary>
    public static double TruthOverBaseline { get; } = Truth / Enumerable.Range(0, 6).Average(kind => Chance(kind, 0)) - 1;

    public static PolicyEvaluationResult Judge(int units, Logging logging, long seed, double shift = 0, PolicySpec? policy = null) =>
        Judge(Log(units, logging, seed, shift, policy), seed, policy);

    /// <summary>What a log's policy would have earned in expectation, given the contexts and what was learned by each of them.</summary>
    internal static double Expected(LoggedDecisions log) => Expected(log, log.Probabilities);

    private static double Expected(LoggedDecisions log, double[] shares) => Enumerable.Range(0, log.Count).Average(i =>
    {
        var kind = (log.Contexts.Columns[0].Categories[(int)log.Contexts.Values[0][i]] switch { "NL" => 0, "BE" => 1, _ => 2 }) + (log.Contexts.Values[1][i] > 0 ? 3 : 0);
        return Enumerable.Range(0, 3).Sum(b => shares[i * 3 + b] * Chance(kind, b));
    });

    internal static PolicyEvaluationResult Judge(LoggedDecisions log, long seed, PolicySpec? policy = null) => Judge(log, seed, policy is null ? Draft : Draft with { Policy = policy });

    internal static PolicyEvaluationResult Judge(LoggedDecisions log, long seed, BlueprintContent content)
    {
        var input = new ValueInput("Draft", BlueprintJson.Write(content), null, null, null);
        return PolicyValuation.Judge(new() { Key = "shop" }, input, content, GoalReward.Of(content).Value!, log, new([], 0, null, null), seed, (_, _) => { }, default);
    }

    internal static LoggedDecisions Log(int units, Logging logging, long seed, double shift = 0, PolicySpec? policy = null)
    {
        var content = policy is null ? Draft : Draft with { Policy = policy };
        var log = LoggedDecisions.For(content, new Dictionary<int, BlueprintContent> { [1] = s_serving }, GoalReward.Of(content).Value!, []).Value!;
        var random = new Philox(seed, "simulated-shop");
        var served = new byte[32];
        for (var unit = 0; unit < units; unit++)
        {
            var temper = random.Uniform() < 0.5 ? 0.6 : 1.4;
            for (var visit = random.NextUInt32() % 3; visit < 3; visit++)
            {
                var kind = (int)(random.NextUInt32() % 6);
                var chances = Chances(kind, logging);
                var banner = Assignment.Pick(random.Uniform(), chances);
                var bought = random.Uniform() < temper * Chance(kind, banner) ? 1.0 : 0;
                var length = ServedRow.WriteText(served, kind % 3 == 0 ? "NL"u8 : kind % 3 == 1 ? "BE"u8 : "DE"u8);
                length += ServedRow.WriteBoolean(served.AsSpan(length), kind >= 3);
                log.Add(new(new()
                {
                    Id = $"{unit}-{visit}", DecisionPointId = default, Unit = $"u{unit}", Time = DateTimeOffset.UnixEpoch.AddMinutes(unit), BlueprintVersion = 1, Option = banner,
                    Propensity = chances[banner] * (1 + shift), Reason = Reason.Explore, Served = served.AsSpan(0, length).ToArray(),
                }, [bought], [bought], [true], 0));
            }
        }
        return log;
    }

    private static int Wanted(int kind) => kind % 3 == 0 ? 2 : kind >= 3 ? 1 : 2;

    // the draft is right for members, and wrong for others outside the first country
    private static double Chance(int kind, int banner) => 0.08 + 0.03 * (kind % 3) + (banner == Wanted(kind) ? kind is 1 or 2 ? -0.03 : 0.15 : 0.02 * banner);

    private static double[] Chances(int kind, Logging logging) => logging switch
    {
        Logging.Exploring => [.. Enumerable.Range(0, 3).Select(b => b == Wanted(kind) ? 0.95 + 0.05 / 3 : 0.05 / 3)],
        Logging.Blind when kind % 3 == 2 => [.. Enumerable.Range(0, 3).Select(b => b == Wanted(kind) ? 0 : 0.5)],
        Logging.Rare => [.. Enumerable.Range(0, 3).Select(b => b == Wanted(kind) ? 0.001 : 0.4995)],
        Logging.Certain => [1, 0, 0],
        _ => kind >= 3 ? [0.5, 0.3, 0.2] : [0.3, 0.3, 0.4],
    };
}
