using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning.Bandits;
using Looper.Core.Serving.Candidates;

namespace Looper.Core.Serving;

/// <summary>A running experiment, compiled: which units it covers and what each arm does.</summary>
public sealed class ExperimentSnapshot
{
    private readonly ulong _trafficStream;
    private readonly ArmLot _lot;
    private readonly (long FromTicks, double[] Shares)[] _later;
    private readonly double _from, _traffic;
    private readonly Utf8Table? _testers;
    private readonly int[] _testerArms = [];

    private ExperimentSnapshot(ExperimentSource source, ImmutableArray<ArmSnapshot> arms, int answers, ArmLot lot)
    {
        (Id, Key, _traffic, Holdout, Arms, CommonAnswers, _lot) = (source.Id, source.Key, source.Traffic, source.Holdout, arms, answers, lot);
        Shares = Scaled(source.Arms.Select(a => a.Weight));
        _later = [.. source.Shares.Select(s => (s.From.UtcTicks, Scaled(s.Weights)))];
        // One lot for all of a layer: what one experiment takes no other can.
        (_trafficStream, _from) = source.Layer is { } layer
            ? (Assignment.Stream(0, "layer:" + layer), source.LayerFrom)
            : (Assignment.Stream(source.Salt, "traffic"), 0);
        if (source.Testers.IsDefaultOrEmpty) return;
        _testers = new(source.Testers.Select(t => t.Unit));
        _testerArms = [.. source.Testers.Select(t => t.Arm)];
    }

    public Guid Id { get; }
    public string Key { get; }
    internal ImmutableArray<ArmSnapshot> Arms { get; }

    /// <summary>Units whose place on the decision point's holdout stream lies below this take no part.</summary>
    internal double Holdout { get; }

    /// <summary>Those it began with: fractions that sum to 1.</summary>
    internal double[] Shares { get; }

    /// <summary>Null for everyone.</summary>
    internal Audience? Audience { get; private init; }

    internal bool HasTesters => _testers is not null;

    /// <summary>How many different options the arms have between them.</summary>
    internal int CommonAnswers { get; }

    public string ArmKey(int arm) => Arms[arm].Key;

    /// <summary>Index of the arm of a unit that is not held out, or −1 when it is outside the experiment's traffic.</summary>
    public int ArmOf(ReadOnlySpan<byte> utf8Unit) => IsIn(utf8Unit) ? _lot.Arm(utf8Unit, Shares) : -1;

    /// <summary>The same for a call, whose cluster, region and time may count as well. The workspace holds its context as the current version reads it.</summary>
    internal int ArmOf(in DecisionRequest request, DecisionWorkspace workspace)
    {
        Span<byte> number = stackalloc byte[8];
        var subject = _lot.Subject(request, workspace, number);
        return !subject.IsEmpty && IsIn(subject) ? _lot.Arm(request, subject, workspace, SharesAt(request.At)) : -1;
    }

    /// <summary>Share of the arms that give the same configuration as this one.</summary>
    internal double ShareAlike(int arm, DateTimeOffset at)
    {
        var (shares, sum) = (SharesAt(at), 0.0);
        foreach (var one in Arms[arm].Alike) sum += shares[one];
        return Math.Min(1, sum);
    }

    /// <summary>The shares that hold at a moment.</summary>
    internal double[] SharesAt(DateTimeOffset at)
    {
        for (var i = _later.Length - 1; i >= 0; i--)
        {
            if (at.UtcTicks >= _later[i].FromTicks) return _later[i].Shares;
        }
        return Shares;
    }

    /// <summary>Index of the arm that a tester asked for, or −1.</summary>
    public int ForcedArmOf(ReadOnlySpan<byte> utf8Unit) => _testers is { } testers && testers.Find(utf8Unit) is >= 0 and var tester ? _testerArms[tester] : -1;

    /// <param name="versions">Compiled versions by number; the current one among them.</param>
    internal static Answered<ExperimentSnapshot> Compile(ExperimentSource source, BlueprintSnapshot current, IReadOnlyDictionary<int, BlueprintSnapshot> versions)
    {
        var total = source.Arms.Sum(a => a.Weight);
        if (source.Arms.IsEmpty || source.Arms.Any(a => !(a.Weight >= 0)) || !double.IsFinite(total) || total <= 0)
            return Bad("the arms' shares must be finite, not negative, and not all zero", "arms");
        if (source.Holdout is not (>= 0 and < 1)) return Bad("the holdout lies outside [0, 1)", "holdout");
        if (source.Traffic is not (> 0 and <= 1)) return Bad("the traffic lies outside (0, 1]", "traffic");
        if (source.LayerFrom is not (>= 0 and < 1)) return Bad("its place in the layer lies outside [0, 1)", "layer");
        if (!source.Testers.IsDefaultOrEmpty && source.Testers.Any(t => t.Arm < 0 || t.Arm >= source.Arms.Length)) return Bad("a tester has an arm that is not there", "testers");
        if (source.Shares.Any(s => s.Weights.Length != source.Arms.Length || s.Weights.Any(w => !(w >= 0) || !double.IsFinite(w)) || s.Weights.Sum() <= 0))
            return Bad("its changed shares do not fit its arms", "arms");
        var audience = Serving.Audience.Compile(source.Audience, current.Features);
        if (audience.Refusal is { } noFeature) return Bad(noFeature.Reason, "audience");
        var lot = ArmLot.Compile(source, current.Features);
        if (lot.Refusal is { } noLot) return Bad(noLot.Reason, noLot.Field ?? "arms");
        var common = new List<string>();
        var arms = ImmutableArray.CreateBuilder<ArmSnapshot>();
        foreach (var arm in source.Arms)
        {
            var field = $"arms[{arms.Count}]";
            var blueprint = arm.BlueprintVersion is { } version ? versions.GetValueOrDefault(version) : current;
            if (blueprint is null || blueprint.Fault is not null || blueprint.Answers.Shape != current.Answers.Shape)
                return Bad($"arm '{arm.Key}' names version {arm.BlueprintVersion}, which cannot serve", field);
            if (blueprint.Answers.Positions != current.Answers.Positions)
                return Bad($"arm '{arm.Key}' shows {blueprint.Answers.Positions} places and the current version {current.Answers.Positions}, so that no order could be compared", field);
            if (blueprint.Answers.TakesCandidates)
            {
                var ordering = OrderingOf(arm, blueprint, current);
                if (ordering.Refusal is { } unfit) return Bad($"arm '{arm.Key}': {unfit.Reason}", field);
                arms.Add(new(arm.Key, blueprint, Strategy.Nothing, []) { Candidates = ordering.Value });
                continue;
            }
            var strategy = StrategyOf(arm, blueprint, current);
            if (strategy.Refusal is { } bad) return Bad($"arm '{arm.Key}': {bad.Reason}", field);
            arms.Add(new(arm.Key, blueprint, strategy.Value!, [.. blueprint.Answers.Options.Select(key => IndexIn(common, key))]));
        }
        ImmutableArray<ArmSnapshot> all =
        [
            .. arms.Select(a => a.Strategy.Configuration is { } own ? a with { Alike = [.. Enumerable.Range(0, arms.Count).Where(i => own.Equals(arms[i].Strategy.Configuration))] } : a),
        ];
        return new ExperimentSnapshot(source, all, common.Count, lot.Value!) { Audience = audience.Value };
    }

    private bool IsIn(ReadOnlySpan<byte> subject) => Assignment.Uniform(_trafficStream, subject) is var place && place >= _from && place < _from + _traffic;

    private static double[] Scaled(IEnumerable<double> weights)
    {
        double[] all = [.. weights];
        var total = all.Sum();
        return [.. all.Select(w => w / total)];
    }

    private static Answered<Strategy> StrategyOf(ArmSource arm, BlueprintSnapshot blueprint, BlueprintSnapshot current)
    {
        if (arm.Option is { } text)
            return blueprint.Answers.Parse(text) is { } answer ? Strategy.Arm(answer) : AnswerSet.NoAnswer("option", text);
        return PolicyOf(arm, blueprint, current) is not { } policy ? blueprint.Strategy
            : Strategy.Compile(policy, blueprint.Answers, blueprint.Default, blueprint.Features, BanditKnowledge.Of(blueprint.Content, blueprint.Answers, LearnedBy(arm, policy)));
    }

    private static Answered<CandidateStrategy> OrderingOf(ArmSource arm, BlueprintSnapshot blueprint, BlueprintSnapshot current)
    {
        if (arm.Option is DecisionShapes.AsSent) return blueprint.Candidates!.InOrder();
        if (arm.Option is { } text) return AnswerSet.NoAnswer("option", text);
        return PolicyOf(arm, blueprint, current) is not { } policy ? blueprint.Candidates! : blueprint.Candidates!.With(policy, blueprint.Content, LearnedBy(arm, policy));
    }

    // The current version's bandit knows what its decision point has learned; any other only what its own arm has.
    private static PolicySpec? PolicyOf(ArmSource arm, BlueprintSnapshot blueprint, BlueprintSnapshot current) =>
        arm.Policy ?? (blueprint != current ? blueprint.Content.Policy as BanditPolicy : null);

    private static BanditState? LearnedBy(ArmSource arm, PolicySpec policy) => policy is BanditPolicy ? BanditFile.Read(arm.Bandit.Span) : null;

    private static int IndexIn(List<string> common, string key)
    {
        if (common.IndexOf(key) is >= 0 and var index) return index;
        common.Add(key);
        return common.Count - 1;
    }

    private static Refusal Bad(string why, string field) => new("experiment.invalid", why, field);
}

/// <param name="Common">Own option index → index among the options of all arms.</param>
internal sealed record ArmSnapshot(string Key, BlueprintSnapshot Blueprint, Strategy Strategy, ImmutableArray<int> Common)
{
    /// <summary>Null where no candidates are sent.</summary>
    public CandidateStrategy? Candidates { get; init; }

    /// <summary>Arms that answer the same configuration, itself among them; none for every other shape.</summary>
    public ImmutableArray<int> Alike { get; init; } = [];
}
