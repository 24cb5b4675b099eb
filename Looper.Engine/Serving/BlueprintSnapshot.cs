using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning.Bandits;
using Looper.Core.Serving.Candidates;

namespace Looper.Core.Serving;

/// <summary>One blueprint version, compiled.</summary>
public sealed class BlueprintSnapshot
{
    private BlueprintSnapshot(int version, BlueprintContent content, AnswerSet answers, Answer @default)
    {
        (Version, Content, Answers, Default, Baseline) = (version, content, answers, @default, @default);
        (Features, Outcomes, Durable) = (content.Features, content.Outcomes, content.Durable);
        CandidateFeatures = content.CandidateFeatures;
        Reader = new(content.Features);
    }

    public int Version { get; }
    public AnswerSet Answers { get; }
    public ImmutableArray<Feature> Features { get; }
    public ImmutableArray<Outcome> Outcomes { get; }
    public bool Durable { get; }
    public Answer Default { get; }

    /// <summary>What units outside the rollout and in the holdout get.</summary>
    public Answer Baseline { get; private init; }

    public double RolloutShare { get; private init; }
    public double HoldoutShare { get; private init; }

    /// <summary>Why this version cannot serve; then only its default is of use.</summary>
    public Refusal? Fault { get; private init; }

    public Goal Goal => Content.Goal;

    internal BlueprintContent Content { get; }
    internal ContextReader Reader { get; }
    internal Scorer Scorer { get; private init; } = Scorer.None;
    internal Strategy Strategy { get; private init; } = Strategy.Nothing;

    /// <summary>Null where no candidates are sent.</summary>
    internal CandidateStrategy? Candidates { get; private init; }

    /// <summary>What is sent with each candidate.</summary>
    public ImmutableArray<Feature> CandidateFeatures { get; }

    /// <summary>Compiles a version. One that breaks a rule, whoever let it in, keeps its default and says why in <see cref="Fault"/>;
    /// one without so much as a default is refused.</summary>
    /// <param name="models">Live ones of the decision point, by outcome.</param>
    /// <param name="learned">What bandits have learned at the decision point; null for nothing.</param>
    internal static Answered<BlueprintSnapshot> Compile(int version, BlueprintContent content, IReadOnlyDictionary<string, LiveModel> models, BanditState? learned = null)
    {
        var set = AnswerSet.Of(content);
        if (set.Refusal is { } noOptions) return noOptions;
        var answers = set.Value!;
        if (answers.Parse(content.Default) is not { } @default) return AnswerSet.NoAnswer("default", content.Default);
        BlueprintSnapshot Faulty(Refusal why) => new(version, DefaultOnly(content), answers, @default)
        {
            Fault = why,
            Candidates = answers.TakesCandidates ? CandidateStrategy.Compile(new AsSentPolicy(), DefaultOnly(content), models).Value : null,
        };

        if (BrokenRule(content) is { } broken) return Faulty(broken);
        if (answers.Parse(content.Rollout.Baseline ?? content.Default) is not { } baseline)
            return Faulty(AnswerSet.NoAnswer("rollout.baseline", content.Rollout.Baseline!));
        var scorer = Scorer.Compile(content, answers, models);
        if (scorer.Refusal is { } badGoal) return Faulty(badGoal);
        if (answers.TakesCandidates)
        {
            var ordering = CandidateStrategy.Compile(content.Policy, content, models, learned);
            return ordering.Refusal is { } unfit ? Faulty(unfit) : new BlueprintSnapshot(version, content, answers, @default)
            {
                Baseline = baseline,
                RolloutShare = content.Rollout.Share,
                HoldoutShare = content.Rollout.Holdout,
                Candidates = ordering.Value,
            };
        }
        var strategy = Strategy.Compile(content.Policy, answers, @default, content.Features, BanditKnowledge.Of(content, answers, learned));
        if (strategy.Refusal is { } badPolicy) return Faulty(badPolicy);
        return new BlueprintSnapshot(version, content, answers, @default)
        {
            Baseline = baseline,
            RolloutShare = content.Rollout.Share,
            HoldoutShare = content.Rollout.Holdout,
            Scorer = scorer.Value!,
            Strategy = strategy.Value!,
        };
    }

    private static BlueprintContent DefaultOnly(BlueprintContent content) => content with { Features = [], CandidateFeatures = [] };

    private static Refusal? BrokenRule(BlueprintContent content) =>
        Twice(content.AllFeatures.Select(f => f.Name)) is { } feature ? Bad("features", $"'{feature}' stands there twice")
        : Twice(content.Outcomes.Select(o => o.Name)) is { } outcome ? Bad("outcomes", $"'{outcome}' stands there twice")
        : content.Rollout is not { Share: >= 0 and <= 1, Holdout: >= 0 and < 1 } ? Bad("rollout", "a share lies outside [0, 1]")
        : null;

    private static string? Twice(IEnumerable<string> names) => names.GroupBy(n => n, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1)?.Key;

    private static Refusal Bad(string field, string why) => new("blueprint.invalid", $"{field}: {why}. Publish a version without this fault.", field);
}
