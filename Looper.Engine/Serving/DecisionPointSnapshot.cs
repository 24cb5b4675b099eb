using System.Collections.Immutable;
using System.Text.Json;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Learning.Bandits;

namespace Looper.Core.Serving;

/// <summary>One decision point, compiled.</summary>
public sealed class DecisionPointSnapshot
{
    private readonly PointSource _source;
    private long _faults;

    private DecisionPointSnapshot(PointSource source)
    {
        // What was compiled is let go: texts and models' bytes would weigh more than all the rest.
        _source = source with { Blueprints = [], Models = [], Bandit = default, Experiments = [.. source.Experiments.Select(WithoutBandits)] };
        HoldoutStream = Assignment.Stream(source.Salt, "holdout");
        RolloutStream = Assignment.Stream(source.Salt, "rollout");
        OptionStream = Assignment.Stream(source.Salt, "option");
    }

    // Of a file, a part may be missing: its experiment is at fault by then.
    private static ExperimentSource WithoutBandits(ExperimentSource experiment) =>
        experiment.Arms.IsDefault ? experiment : experiment with { Arms = [.. experiment.Arms.Select(a => a is { Bandit.IsEmpty: false } ? a with { Bandit = default } : a)] };

    public Guid Id => _source.Id;
    public string Key => _source.Key;
    public bool IsSimulated => _source.IsSimulated;

    /// <summary>Answers the default on purpose, and still logs.</summary>
    public bool IsPaused => _source.IsPaused || _source.IsArchived;

    /// <summary>It answers its default, for good.</summary>
    public bool IsArchived => _source.IsArchived;

    /// <summary>The version that serves; null when it holds not so much as a default.</summary>
    public BlueprintSnapshot? Current { get; private init; }

    /// <summary>Why this decision point answers its default with <c>default-error</c>; null when all is well.</summary>
    public Refusal? Fault { get; private init; }

    /// <summary>One of its live models cannot be read.</summary>
    public bool HasUnreadableModel { get; private init; }

    /// <summary>What its models were compiled to, as far as it can be kept.</summary>
    internal ImmutableArray<CompiledForm> Forms { get; private init; } = [];

    /// <summary>Numbers of models of which the forms are not all that it takes to compile this again.</summary>
    internal ImmutableArray<int> NeedsArtefact { get; private init; } = [];

    /// <summary>Running ones, the one that started first before the others.</summary>
    public ImmutableArray<ExperimentSnapshot> Experiments { get; private init; } = [];

    /// <summary>Every published version's shape and options, and every experiment's arms: the words of stored answers.</summary>
    public ImmutableArray<VersionWords> Versions => _source.Versions;

    public ImmutableArray<ExperimentSource> KnownExperiments => _source.Experiments;

    /// <summary>Outcomes that only decisions of versions that serve no more wait for.</summary>
    public ImmutableArray<AskedOutcome> FormerOutcomes => _source.FormerOutcomes;

    /// <summary>Decisions answered with the default because something failed.</summary>
    public long Faults => Volatile.Read(ref _faults);

    /// <summary>What failed last.</summary>
    public Exception? LastFault { get; private set; }

    internal ulong HoldoutStream { get; }

    /// <summary>Somebody is held out: by the current version, or from a running experiment.</summary>
    internal bool UsesHoldout { get; private init; }

    /// <summary>Which outcomes' histories its versions ask for, and how far back; empty for none.</summary>
    public ImmutableDictionary<string, TimeSpan> Histories { get; private init; } = ImmutableDictionary<string, TimeSpan>.Empty;

    internal bool LooksBack { get; private init; }

    /// <summary>Some units are given an arm.</summary>
    internal bool HasTesters { get; private init; }

    internal ulong RolloutStream { get; }
    internal ulong OptionStream { get; }

    /// <summary>One per place of an order; the first is <see cref="OptionStream"/>.</summary>
    internal ulong[] PlaceStreams { get; private init; } = [];

    /// <summary>A version that serves here now: the current one, or an arm's. Null for any other.</summary>
    public BlueprintSnapshot? Serving(int version)
    {
        if (Current is { } current && current.Version == version) return current;
        foreach (var experiment in Experiments)
        {
            foreach (var arm in experiment.Arms)
            {
                if (arm.Blueprint.Version == version) return arm.Blueprint;
            }
        }
        return null;
    }

    /// <summary>Every version that serves here now, the current one first.</summary>
    public IEnumerable<BlueprintSnapshot> AllServing =>
        Experiments.SelectMany(e => e.Arms).Select(a => a.Blueprint).Prepend(Current).OfType<BlueprintSnapshot>().Distinct();

    internal void Count(Exception fault)
    {
        LastFault = fault;
        Interlocked.Increment(ref _faults);
    }

    /// <summary>One that cannot be compiled answers its default, and says why in <see cref="Fault"/>.</summary>
    public static DecisionPointSnapshot Compile(PointSource source) => Compile(source, []);

    /// <param name="known">What its models were compiled to before.</param>
    internal static DecisionPointSnapshot Compile(PointSource source, ImmutableArray<CompiledForm> known)
    {
        var models = new Dictionary<string, LiveModel>(StringComparer.Ordinal);
        foreach (var model in source.Models) models[model.Outcome] = LiveModel.Of(model, known);
        var (versions, learned) = (new Dictionary<int, BlueprintSnapshot>(), BanditFile.Read(source.Bandit.Span)); // what cannot be read is learned again within minutes
        Refusal? fault = null;
        foreach (var blueprint in source.Blueprints)
        {
            var compiled = Compile(blueprint, models, learned);
            if (compiled.Value is { } version) versions[blueprint.Version] = version;
            if (blueprint.Version == source.CurrentVersion) fault = compiled.Refusal ?? compiled.Value?.Fault;
        }
        var current = versions.GetValueOrDefault(source.CurrentVersion);
        if (current is null) fault ??= new("blueprint.unknown", $"Version {source.CurrentVersion} of '{source.Key}' is not there.");
        var experiments = ImmutableArray.CreateBuilder<ExperimentSnapshot>();
        foreach (var running in source.Experiments.Where(e => e.IsRunning && fault is null).OrderBy(e => e.StartedAt).ThenBy(e => e.Id))
        {
            var compiled = Compile(running, current!, versions);
            if (compiled.Value is { } experiment) experiments.Add(experiment);
            else fault = compiled.Refusal! with { Reason = $"Experiment '{running.Key}' cannot be served: {compiled.Refusal.Reason.TrimEnd('.')}. Stop it." };
        }
        var histories = HistoriesOf(experiments.SelectMany(e => e.Arms).Select(a => a.Blueprint).Append(current).OfType<BlueprintSnapshot>());
        return new(source)
        {
            Histories = histories,
            LooksBack = !histories.IsEmpty,
            Current = current,
            Fault = fault,
            HasUnreadableModel = models.Values.Any(m => !m.IsReadable),
            Experiments = experiments.ToImmutable(),
            Forms = [.. models.Values.SelectMany(m => m.Forms)],
            NeedsArtefact = [.. models.Values.Where(m => !m.IsAllInForms || m.Forms.Count == 0).Select(m => m.Number)],
            HasTesters = experiments.Any(e => e.HasTesters),
            UsesHoldout = current?.HoldoutShare > 0 || experiments.Any(e => e.Holdout > 0),
            PlaceStreams = current is { Answers.TakesCandidates: true } ? Places(source.Salt) : [],
        };
    }

    private static ImmutableDictionary<string, TimeSpan> HistoriesOf(IEnumerable<BlueprintSnapshot> versions) =>
        versions.SelectMany(v => v.Features).Select(f => f.Derived).OfType<HistoryDerivation>().GroupBy(h => h.Of).ToImmutableDictionary(g => g.Key, g => g.Max(h => h.Window));

    private static ulong[] Places(long salt) =>
        [Assignment.Stream(salt, "option"), .. Enumerable.Range(1, BlueprintContent.MostPositions - 1).Select(i => Assignment.Stream(salt, $"position-{i}"))];

    /// <summary>Refused with why it cannot be served, as the part of a sentence.</summary>
    internal static Answered<ExperimentSnapshot> Compile(ExperimentSource source, BlueprintSnapshot current, Dictionary<int, BlueprintSnapshot> versions)
    {
        try
        {
            return ExperimentSnapshot.Compile(source, current, versions);
        }
        catch (Exception fault) when (fault is NullReferenceException or ArgumentException or InvalidOperationException or FormatException)
        {
            return new Refusal("experiment.invalid", $"it cannot be read: {fault.Message}");
        }
    }

    internal static Answered<BlueprintSnapshot> Compile(BlueprintSource source, Dictionary<string, LiveModel> models, BanditState? learned)
    {
        try
        {
            return BlueprintSnapshot.Compile(source.Version, BlueprintJson.Stored(source.Content), models, learned);
        }
        catch (Exception fault) when (fault is JsonException or NotSupportedException or NullReferenceException or ArgumentException or InvalidOperationException or FormatException)
        {
            return new Refusal("blueprint.unreadable", $"Version {source.Version} cannot be read: {fault.Message}");
        }
    }
}
