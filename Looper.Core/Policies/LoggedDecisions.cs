using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Learning;
using Looper.Core.Learning.Bandits;
using Looper.Core.Models;
using Looper.Core.OffPolicy;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;

namespace Looper.Core.Policies;

/// <summary>Logged decisions as they are read, and what the blueprint to be judged would have done in each. A ranking gives a row per place that was shown,
/// weighed by the chances of its candidate and all above it: what a place earns may depend on those, not on what stands below (RIPS).</summary>
internal sealed class LoggedDecisions
{
    private readonly LoggedContexts? _contexts;
    private readonly LoggedCandidates? _candidates;
    private readonly CandidateReplay? _replay;
    private readonly BlueprintContent _judged;
    private readonly IReadOnlyDictionary<int, BlueprintContent> _contents;
    private readonly GoalReward _reward;
    private readonly VersionTable _versions;
    private readonly ExampleSet _examples;
    private readonly List<double> _probabilities = [], _wanted = [], _propensities = [], _rewards = [];
    private readonly List<int> _taken = [], _units = [];
    private readonly Dictionary<string, int> _unitNumbers = new(StringComparer.Ordinal);
    private readonly SortedSet<int> _loggedBy = [];
    private readonly IReadOnlySet<Guid> _grouped;
    private long _forced, _withoutPropensity, _withoutOutcome, _other, _inGroups;
    private long _rankings;
    private double _impossible, _wholly;
    private bool _experimented;
    private LoggingVersion _logging = new(-1, null, []);
    private double[]? _allProbabilities, _allPropensities, _allRewards;
    private int[]? _allTaken, _allUnits;
    private DataSet? _encoded;

    private LoggedDecisions(LoggedContexts? policy, LoggedCandidates? candidates, BlueprintContent judged, IReadOnlyDictionary<int, BlueprintContent> contents, GoalReward reward, IReadOnlySet<Guid> grouped)
    {
        (_contexts, _candidates, _judged, _contents, _reward, _grouped) = (policy, candidates, judged, contents, reward, grouped);
        (_versions, _examples) = (new(judged, contents), new(reward.Outcomes.Length, isIdentified: false));
        Options = policy?.Options ?? [];
        if (candidates is not null && judged.Policy is BanditPolicy) _replay = new(judged, _versions, reward.Outcomes);
    }

    /// <param name="judged">The blueprint to be judged.</param>
    /// <param name="contents">Every version that may have logged.</param>
    /// <param name="models">Live ones of the decision point.</param>
    /// <param name="current">The version that is served now, where what is judged is to be held against it.</param>
    /// <param name="grouped">Experiments whose lot was drawn for groups of units or slots of time, not for units: their decisions are left out. Null for none.</param>
    /// <returns>Refused where it could not serve.</returns>
    public static Answered<LoggedDecisions> For(
        BlueprintContent judged, IReadOnlyDictionary<int, BlueprintContent> contents, GoalReward reward, IEnumerable<ModelSource> models, IReadOnlySet<Guid>? grouped = null,
        CurrentVersion? current = null)
    {
        if (judged.Shape.TakesCandidates())
        {
            var picking = LoggedCandidates.Compile(judged, models);
            return picking.Refusal is { } unfit ? unfit : new LoggedDecisions(null, picking.Value, judged, contents, reward, grouped ?? ImmutableHashSet<Guid>.Empty) { Current = current };
        }
        var choosing = LoggedContexts.Compile(judged, models);
        return choosing.Refusal is { } refusal ? refusal : new LoggedDecisions(choosing.Value, null, judged, contents, reward, grouped ?? ImmutableHashSet<Guid>.Empty) { Current = current };
    }

    /// <summary>Rows.</summary>
    public int Count => _examples.Rows;

    /// <summary>Decisions behind them.</summary>
    public long DecisionCount => IsRanking ? _rankings : Count;

    /// <summary>A row is a place of a ranking.</summary>
    public bool IsRanking => _judged.Shape == DecisionShape.Ranking;
    public int UnitCount => _unitNumbers.Count;

    /// <summary>Decisions that a bandit among candidates had learned from at the end; 0 for all else.</summary>
    public int Learned => _replay?.Learned ?? 0;

    /// <summary>Keys; empty where candidates come with the call.</summary>
    public ImmutableArray<string> Options { get; }

    /// <summary>The version that is served now, on the same rows; null where it is not asked.</summary>
    public CurrentVersion? Current { get; init; }

    /// <inheritdoc cref="CurrentVersion.NumberOf"/>
    public int? CurrentNumber => CurrentVersion.NumberOf(_judged, _contents);

    public int ModelNumber => _contexts?.ModelNumber ?? _candidates!.ModelNumber;

    /// <summary>Features that had no value in any row.</summary>
    public ImmutableArray<string> NeverSeen => _contexts?.NeverSeen ?? _candidates!.NeverSeen;

    /// <summary>Features that some of the versions that logged did not have, with the share of rows that are theirs.</summary>
    public ImmutableArray<(string Name, double Share)> Lacked => _contexts?.Lacked ?? _candidates!.Lacked;

    public NotUsed NotUsed => new(_forced, _withoutPropensity, _withoutOutcome, _other, _inGroups);
    public DateTimeOffset? FirstAt => Count == 0 ? null : TimeOf(0);
    public DateTimeOffset? LastAt => Count == 0 ? null : TimeOf(Count - 1);

    /// <summary>Of each decision: index among the judged options, −1 for one that is gone; or of the candidate as sent. Of a place of a ranking: 0 where it and
    /// all above it are as sent, else 1.</summary>
    public int[] Taken => All(ref _allTaken, _taken);

    public double[] Rewards => All(ref _allRewards, _rewards);
    public int[] Units => All(ref _allUnits, _units);

    /// <summary>π_e, row after row; empty for candidates.</summary>
    public double[] Probabilities => All(ref _allProbabilities, _probabilities);

    /// <summary>Share of decisions that would be another answer.</summary>
    public double Changed => Count == 0 ? double.NaN : IsRanking ? 1 - _wholly / _rankings : 1 - _wanted.Average();

    /// <summary>Features in columns, rewards as labels; encoded once, when no more is added. For options only.</summary>
    public DataSet Contexts
    {
        get
        {
            if (_encoded is null)
            {
                _encoded = Encoded(ListColumns.Most);
                _examples.ForgetServed();
            }
            return _encoded;
        }
    }

    /// <summary>The same in the columns that a bandit learns from, which are fewer of tags and vectors. Asked before <see cref="Contexts"/>, which lets go of what was served.</summary>
    public DataSet LearningContexts => _judged.Features.Any(f => f.Kind is FeatureKind.Tags or FeatureKind.Vector) ? Encoded(BanditDesign.MostOfLists) : Contexts;

    public double Propensity(int row) => All(ref _allPropensities, _propensities)[row];

    public double Outcome(int outcome, int row) => _examples.Label(outcome, row);

    public DateTimeOffset TimeOf(int row) => new(_examples.Ticks(row), TimeSpan.Zero);

    /// <param name="example">Not before those that are in: a bandit among candidates learns from one to the next.</param>
    public void Add(Example example)
    {
        if (_replay?.Before(example.Decision.Time) is { } learned) _candidates!.Know(learned);
        Take(example);
        _replay?.Add(example);
    }

    private void Take(Example example)
    {
        var decision = example.Decision;
        Span<double> values = stackalloc double[_reward.Outcomes.Length];
        var logged = Of(decision.BlueprintVersion);
        Read(logged, example.Values, values);
        if (!decision.IsDrawn()) _forced++;
        else if (decision.ExperimentId is { } experiment && _grouped.Contains(experiment)) _inGroups++;
        else if (logged.Content is not { } then) _other++;
        else if (!(decision.Propensity is > 0 and <= 1)) _withoutPropensity++;
        else if (IsRanking) Rank(example, decision, logged);
        else if (_reward.Of(values) is double.NaN) _withoutOutcome++;
        else if (!(_candidates is null ? Choose(decision, then) : Pick(decision, then))) _other++;
        else AddRow(decision, values, decision.Propensity);
    }

    // an outcome that the version did not have is unknown there, whatever it counts as when absent
    private void Read(LoggingVersion version, ImmutableArray<double> observed, Span<double> values)
    {
        for (var o = 0; o < values.Length; o++) values[o] = version.Shares[o] ? _reward.ValueOf(o, observed[o]) : double.NaN;
    }

    private LoggingVersion Of(int version)
    {
        if (_logging.Number != version)
        {
            var content = _versions.Find(version) is null ? null : _contents.GetValueOrDefault(version);
            _logging = new(version, content, Array.ConvertAll([.. _reward.Outcomes], o => _versions.SharesOutcome(version, o)));
        }
        return _logging;
    }

    /// <summary>What the rows of a version are read by; rows of one version follow each other.</summary>
    /// <param name="Content">Null for one that cannot be compared.</param>
    /// <param name="Shares">Whether it has each outcome of the reward as it is now.</param>
    private readonly record struct LoggingVersion(int Number, BlueprintContent? Content, bool[] Shares);

    private void AddRow(DecisionRecord decision, ReadOnlySpan<double> values, double propensity)
    {
        if (!_unitNumbers.TryGetValue(decision.Unit, out var unit)) _unitNumbers.Add(decision.Unit, unit = _unitNumbers.Count);
        _examples.Add(decision, _candidates is null ? decision.Served.Span : [], values);
        _propensities.Add(propensity);
        _rewards.Add(_reward.Of(values));
        _units.Add(unit);
        _loggedBy.Add(decision.BlueprintVersion);
        _experimented |= decision.ExperimentId is not null;
    }

    private void Rank(Example example, DecisionRecord decision, LoggingVersion logged)
    {
        var then = logged.Content!;
        if (ServedCandidates.Read(decision.Candidates) is not { IsRanking: true, Drawn: > 0 } sent || example.Places.Length != sent.Drawn
            || sent.Drawn != Math.Min(_judged.Positions ?? 0, sent.Count)) // a draft that shows more or fewer places: what those earn is not in the log
        {
            _other++;
            return;
        }
        Span<double> chances = stackalloc double[sent.Drawn], values = stackalloc double[_reward.Outcomes.Length], current = stackalloc double[sent.Drawn];
        _candidates!.Judge(decision.BlueprintVersion, then, decision.Served.Span, sent, chances);
        Current?.Rank(decision, then, sent, current);
        double wanted = 1, propensity = 1, possible = 1, now = 1;
        var (isAsSent, rows) = (true, Count);
        for (var place = 0; place < sent.Drawn; place++)
        {
            if (!(sent.Propensity(place) is > 0 and <= 1)) break;
            wanted *= chances[place];
            now *= current[place];
            propensity *= sent.Propensity(place);
            if (sent.Propensity(place) >= WeightFigures.Certain) possible *= chances[place]; // it was certain: what else would stand here cannot be told
            isAsSent &= sent.At(place) == place;
            Read(logged, example.Places[place].Values, values);
            if (_reward.Of(values) is double.NaN) continue;
            AddRow(decision, values, propensity);
            _taken.Add(isAsSent ? 0 : 1);
            _wanted.Add(wanted);
            Current?.AddPlace(now);
            _impossible += 1 - possible;
        }
        if (Count == rows)
        {
            _withoutOutcome++;
            return;
        }
        _rankings++;
        _wholly += wanted;
    }

    private bool Choose(DecisionRecord decision, BlueprintContent then)
    {
        if (decision.Option < 0 || decision.Option >= then.Options.Length) return false;
        Span<double> probabilities = stackalloc double[Options.Length];
        _contexts!.Distribute(decision.BlueprintVersion, then.Features, decision.Served.Span, probabilities);
        var taken = Options.IndexOf(then.Options[decision.Option].Key);
        _probabilities.AddRange(probabilities);
        _taken.Add(taken);
        _wanted.Add(taken < 0 ? 0 : probabilities[taken]);
        Current?.Choose(decision, then);
        return true;
    }

    private bool Pick(DecisionRecord decision, BlueprintContent then)
    {
        if (ServedCandidates.Read(decision.Candidates) is not { } sent || decision.Option < 0 || decision.Option >= sent.Count) return false;
        Span<double> shares = stackalloc double[sent.Count];
        _candidates!.Distribute(decision.BlueprintVersion, then, decision.Served.Span, sent, shares);
        for (var place = 0; place < sent.Drawn; place++) if (!(sent.Propensity(place) > 0)) _impossible += shares[sent.At(place)];
        _taken.Add(decision.Option);
        _wanted.Add(shares[decision.Option]);
        Current?.Pick(decision, then, sent);
        return true;
    }

    /// <summary>What is judged learned on the way: these are its distributions, row after row.</summary>
    public void Become(double[] probabilities)
    {
        _probabilities.Clear();
        _allProbabilities = probabilities;
        for (var i = 0; i < _wanted.Count; i++) _wanted[i] = Taken[i] < 0 ? 0 : probabilities[i * Options.Length + Taken[i]];
    }

    /// <summary>Weights, rewards and units, without a reward model.</summary>
    public LoggedRows Rows() => new([.. _wanted.Select((wanted, i) => wanted / Propensity(i))], Rewards, Units) { WeightCeiling = Ceiling(), RewardRange = _reward.Range };

    /// <summary>Share of what the policy would do that these decisions never tried: options nobody got, and others than the one given where it was certain.</summary>
    /// <param name="never">The options that nobody got, of those that it would give, where they are the most of that share.</param>
    public double Unsupported(out ImmutableArray<int> never)
    {
        never = [];
        if (Count == 0) return 0;
        if (_candidates is not null) return _impossible / Count;
        var (tried, untried, missing, options) = (new bool[Options.Length], 0.0, new double[Options.Length], Options.Length);
        foreach (var option in Taken) if (option >= 0) tried[option] = true;
        for (var i = 0; i < Count; i++)
        {
            for (var a = 0; a < options; a++)
            {
                var certain = Propensity(i) >= WeightFigures.Certain && a != Taken[i];
                if (certain || !tried[a]) untried += Probabilities[i * options + a];
                if (!tried[a]) missing[a] += Probabilities[i * options + a];
            }
        }
        if (missing.Sum() > untried / 2) never = [.. Enumerable.Range(0, options).Where(a => missing[a] > 0)];
        return untried / Count;
    }

    private DataSet Encoded(int mostOfLists)
    {
        var builder = new DataSetBuilder(_judged, _versions, _examples);
        int[] rows = [.. Enumerable.Range(0, Count)];
        ImmutableArray<Column> columns = [.. builder.ColumnsOf(rows, mostOfLists).Where(c => c.Name != ModelEncoder.OptionColumn)];
        return new(columns, builder.Build(columns, rows, 0).Values, Rewards);
    }

    /// <summary>What was added, once no more is: the list is let go.</summary>
    private static T[] All<T>(ref T[]? all, List<T> added)
    {
        if (all is not null) return all;
        all = [.. added];
        added.Clear();
        added.TrimExcess();
        return all;
    }

    /// <summary>The largest possible weight, from the floors of the policies that logged; null where one has none, candidates came with the call, or an
    /// experiment mixed them.</summary>
    private double? Ceiling()
    {
        if (_experimented || _candidates is not null || _loggedBy.Count == 0) return null;
        var floor = _loggedBy.Min(v => PolicyFloor.Of(_contents[v].Policy, _contents[v].Options.Length));
        return floor > 0 ? 1 / floor : null;
    }
}
