using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Learning.Bandits;
using Looper.Core.Numerics;
using Looper.Core.Serving;
using Looper.Testing.Bandits;

namespace Looper.Core.Tests.Serving;

/// <summary>Four kinds of visitor and four banners whose rates of purchase and complaint are known: the banner that sells most is complained about too often, a second
/// only by some, a third by nobody more than the baseline. The rates of each seed are others.</summary>
internal sealed class GuardedWorld
{
    public const int Kinds = 4, Options = 4;
    private const double Spread = 0.03;

    private static readonly ImmutableArray<Column> s_columns = [new("country", ColumnKind.Category, ["NL", "DE"]), new("isMember", ColumnKind.Number, [])];

    public GuardedWorld(long seed)
    {
        var random = new Philox(seed, "guarded-world");
        double Near(double rate) => rate + Spread * (2 * random.Uniform() - 1);
        for (var kind = 0; kind < Kinds; kind++)
        {
            Rewards[kind] = [Near(0.2), Near(0.5), Near(0.45), Near(0.35)];
            Harms[kind] = [Near(0.1), Near(0.3), Near(kind < 2 ? 0.06 : 0.35), Near(0.1)];
        }
    }

    public double[][] Rewards { get; } = new double[Kinds][];

    public double[][] Harms { get; } = new double[Kinds][];

    public static BlueprintContent Content(BanditPolicy policy, double? margin) => new()
    {
        Shape = DecisionShape.Choice, Options = [new("plain"), new("loud"), new("odd"), new("good")], Default = "plain", Policy = policy,
        Features = [new("country", FeatureKind.Category), new("isMember", FeatureKind.Number)],
        Outcomes = [new("purchase", OutcomeKind.Boolean), new("complaint", OutcomeKind.Boolean) { Better = Direction.Lower }],
        Goal = new() { Terms = [new("purchase")], Guardrails = margin is { } m ? [new("complaint", m)] : [] },
    };

    public double Limit(double margin) => (1 + margin) * Harms.Average(h => h[0]);

    /// <summary>Most reward of any policy that gives each kind one option but for an even share, and whose mean harm is within the margin.</summary>
    public double BestAdmissible(double margin, double explore) => Enumerable.Range(0, 1 << (2 * Kinds))
        .Select(plan => Enumerable.Range(0, Kinds).Select(k => (Kind: k, Option: plan >> (2 * k) & 3)).ToArray())
        .Where(plan => plan.Average(p => Mixed(Harms[p.Kind], p.Option, explore)) <= Limit(margin)).Max(plan => plan.Average(p => Mixed(Rewards[p.Kind], p.Option, explore)));

    private static double Mixed(double[] rates, int option, double explore) => (1 - explore) * rates[option] + explore * rates.Average();

    /// <summary>Lets a bandit decide and learn; the answer is drawn from the stated chances by the hash of the decision, as a server does.</summary>
    /// <param name="known">Chance that a decision's harm becomes known.</param>
    /// <param name="units">They decide in turn.</param>
    public GuardedRun Run(BanditPolicy policy, double? margin, int rounds, long seed, double known = 1, int units = int.MaxValue)
    {
        var content = Content(policy, margin);
        var (answers, random, stream) = (AnswerSet.Of(content).Value!, new Philox(seed, "guarded-run"), Assignment.Stream(seed, "policy"));
        var design = BanditDesign.Of(s_columns, [[0, 1, 0, 1, 0, 1, 0, 1, 0, 1], [0, 0, 1, 1, 0, 0, 1, 1, 0, 1]]);
        var state = new BanditState(answers.Options, design, new(Options, design.Width), null) { Guards = BanditGuarding.Beginning(content, answers, answers.Options, design.Width) };
        var (rule, rows, rewarded, fit) = (BanditKnowledge.Of(content, answers, null).Rule(policy, answers.Options, [], 0), new List<double[]>(), new List<RewardedRow>(), new PropensityFit(Options));
        var (chances, all, next, late, reward, harm) = (new double[Options], new List<double[]>(), BanditKnowledge.FewestRewards, rounds - rounds / 3, 0.0, 0.0);
        for (var t = 0; t < rounds; t++)
        {
            if (t == next)
            {
                var trees = policy.Algorithm == "bootstrapped-trees" ? TreeBandit.Of(rewarded, Options, BanditKnowledge.SettingsOf(policy, 1), seed, default) : null;
                state = BanditGuarding.Guard(state with { Trees = trees }, rows, content, policy).State;
                rule = BanditKnowledge.Of(content, answers, state).Rule(policy, answers.Options, [], 0);
                next += Math.Max(25, t / (trees is null ? 12 : 4));
            }
            var kind = random.Below(Kinds);
            var x = new double[design.Width];
            design.Write([kind / 2, kind % 2], x);
            rule.Distribute(x, chances);
            all.Add([.. chances]);
            var option = Assignment.Pick(Assignment.Uniform(stream, $"decision-{t}"), chances);
            fit.Add(chances, option);
            rows.Add(x);
            var gained = random.Uniform() < Rewards[kind][option] ? 1.0 : 0;
            state.Statistics.Add(option, x, gained);
            if (policy.Algorithm == "bootstrapped-trees") rewarded.Add(new(x, option, gained));
            var (suffered, isKnown) = (random.Uniform() < Harms[kind][option] ? 1.0 : 0, random.Uniform() < known);
            if (isKnown) state.Guards?.Add(0, option, x, suffered, (ulong)(t % units));
            if (t < late) continue;
            for (var a = 0; a < Options; a++) (reward, harm) = (reward + chances[a] * Rewards[kind][a], harm + chances[a] * Harms[kind][a]);
        }
        return new(reward / (rounds - late), harm / (rounds - late), fit.PValue, [.. all], state);
    }
}

/// <param name="Reward">Expected reward a decision over the last third, of what was served.</param>
/// <param name="Harm">Expected harm likewise.</param>
/// <param name="Propensities">p-value of the answers against the stated chances.</param>
/// <param name="Chances">Of every round.</param>
internal sealed record GuardedRun(double Reward, double Harm, double Propensities, double[][] Chances, BanditState State);
