using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Core.Serving;

namespace Looper.Core.Decisions.Import;

/// <summary>A mapping that has been checked against a blueprint and a file's header: columns as indexes.</summary>
internal sealed class ImportPlan
{
    private readonly DerivedFeatures? _derived;
    private readonly DecisionWorkspace _workspace = new();

    private ImportPlan(DecisionPoint point, int version, BlueprintContent content, ImportMapping mapping)
    {
        (Point, Version, Content, Mapping) = (point, version, content, mapping);
        OptionKeys = AnswerRules.OptionKeys(content);
        _derived = DerivedFeatures.Of(content.Features);
        Scratch = new byte[content.Features.Sum(f => 3 + (f.Kind == FeatureKind.Tags ? ushort.MaxValue : ImportRow.MaxText * 4))];
    }

    public DecisionPoint Point { get; }

    /// <summary>Of the blueprint.</summary>
    public int Version { get; }

    public BlueprintContent Content { get; }
    public ImportMapping Mapping { get; }
    public IReadOnlyList<string> OptionKeys { get; }

    /// <summary>Room for one row as served; rows are read one after the other.</summary>
    public byte[] Scratch { get; }

    /// <summary>The row with its derived features filled in, as serving does it.</summary>
    public byte[] Complete(ReadOnlySpan<byte> served) => _derived?.Complete(served, Content.Features.Length, _workspace) ?? served.ToArray();

    public int OptionColumn { get; private init; }
    public int? UnitColumn { get; private init; }
    public int? TimeColumn { get; private init; }
    public int? PropensityColumn { get; private init; }
    public bool IsUniform { get; private init; }

    /// <summary>Column per feature of the blueprint, in its order; −1 where the file has none.</summary>
    public ImmutableArray<int> FeatureColumns { get; private init; }

    /// <summary>Column per outcome of the blueprint; −1 where the file has none.</summary>
    public ImmutableArray<int> OutcomeColumns { get; private init; }

    /// <summary>Option index → arm index, −1 where the experiment has no such arm; empty without an experiment.</summary>
    public ImmutableArray<int> ArmOfOption { get; private init; } = [];

    /// <summary>Where no column says the time: rows begin here, long enough ago that every window has closed.</summary>
    public DateTimeOffset FirstTime => new DateTimeOffset(Point.CreatedAt.UtcTicks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero) - TimeSpan.FromDays(182);

    /// <param name="version">Of <paramref name="content"/>.</param>
    /// <param name="there">The past experiment where an earlier file has made it: its arms stand as they are.</param>
    public static Answered<ImportPlan> Make(DecisionPoint point, int version, BlueprintContent content, ImportMapping mapping, ImmutableArray<string> header, Experiment? there)
    {
        if (header.IsEmpty) return ImportTexts.Empty();
        if (content.Shape == DecisionShape.Configuration) return ImportTexts.Configurations(point.Key);
        if (content.Shape.TakesCandidates()) return ImportTexts.Candidates(point.Key);
        List<Refusal> faults = [];
        int Column(string field, string name)
        {
            var index = header.IndexOf(name);
            if (header.LastIndexOf(name) != index) faults.Add(ImportTexts.ColumnTwice(field, name));
            if (index < 0) faults.Add(ImportTexts.ColumnUnknown(field, name, string.Join(", ", header.Take(20).Select(text => BlueprintRules.Shown(text)))));
            return index;
        }
        int? Optional(string field, string? name) => name is null ? null : Column(field, name);
        ImmutableArray<int> Columns(string part, IEnumerable<string> names, ImmutableSortedDictionary<string, string>? map)
        {
            foreach (var unknown in map?.Keys.Except(names) ?? []) faults.Add(ImportTexts.NotAFeature($"{part}.{unknown}", unknown));
            return [.. names.Select(n => map is null ? header.Contains(n) ? Column($"{part}.{n}", n) : -1 : map.TryGetValue(n, out var column) ? Column($"{part}.{n}", column) : -1)];
        }

        var keys = AnswerRules.OptionKeys(content);
        var plan = new ImportPlan(point, version, content, mapping)
        {
            OptionColumn = Column("option", mapping.Option),
            UnitColumn = Optional("unit", mapping.Unit),
            TimeColumn = Optional("time", mapping.Time),
            IsUniform = mapping.Propensity == "uniform",
            PropensityColumn = mapping.Propensity is null or "uniform" ? null : Column("propensity", mapping.Propensity),
            FeatureColumns = Columns("features", content.Features.Select(f => f.Name), mapping.Features),
            OutcomeColumns = Columns("outcomes", content.Outcomes.Select(o => o.Name), mapping.Outcomes),
            ArmOfOption = mapping.Experiment is not { } past ? [] : there is null ? Arms(past, content, keys) : ArmsOf(there, keys),
        };
        foreach (var to in mapping.Options.Values.Where(v => content.Shape != DecisionShape.Value && !keys.Contains(v))) faults.Add(ImportTexts.OptionMapping(to));
        if (plan.OutcomeColumns.All(c => c < 0)) faults.Add(ImportTexts.NothingToLearn());
        if (mapping.Experiment is { } experiment) faults.AddRange(Experiment(experiment, plan));
        if (mapping.Experiment is { Baseline: { } other } && there is not null && ExperimentJson.ReadPlan(there.Plan).Arms[0].Option is { } baseline && other != baseline)
            faults.Add(ImportTexts.OtherBaseline(there.Key, baseline));
        if (faults.Count == 0) return plan;
        return new Refusal(ImportTexts.Code, faults.Count == 1 ? faults[0].Reason : $"{faults.Count} things keep the file from being imported. The first: {faults[0].Reason}", faults[0].Field) { Faults = faults };
    }

    /// <summary>The experiment as it was: options as arms, the baseline first, equal shares.</summary>
    public Experiment PastExperiment(Guid id, ImportResult result, DateTimeOffset now, string by)
    {
        var past = Mapping.Experiment!;
        var arms = new Arm[OptionKeys.Count];
        for (var i = 0; i < arms.Length; i++)
        {
            var name = Content.Options.FirstOrDefault(o => o.Key == OptionKeys[i])?.Name;
            arms[ArmOfOption[i]] = new(OptionKeys[i], 1.0 / arms.Length) { Option = OptionKeys[i], Name = name };
        }
        var plan = new ExperimentPlan
        {
            Arms = [.. arms], BlueprintVersion = Version, Reading = ReadingKind.Fixed,
            PrimaryOutcome = past.PrimaryOutcome ?? Content.Goal.Terms[0].Outcome,
        };
        return new()
        {
            Id = id, Key = past.Key, Name = past.Name, DecisionPointId = Point.Id, State = ExperimentState.Stopped, Plan = ExperimentJson.Write(plan),
            CreatedAt = now, CreatedBy = by, StartedAt = result.From, StoppedAt = result.Until, IsImported = true, Salt = Point.Salt,
        };
    }

    private static IEnumerable<Refusal> Experiment(PastExperiment past, ImportPlan plan)
    {
        foreach (var fault in ExperimentRules.CheckNames(past.Key, past.Name, null)) yield return fault with { Field = $"experiment.{fault.Field}" };
        if (plan.Content.Shape == DecisionShape.Value) yield return ImportTexts.ExperimentNeedsOptions();
        else if (past.Baseline is { } baseline && !plan.OptionKeys.Contains(baseline)) yield return ImportTexts.BaselineUnknown(baseline);
        if (!plan.IsUniform) yield return ImportTexts.ExperimentNeedsAssignment();
        if (past.PrimaryOutcome is { } primary && plan.Content.Outcomes.All(o => o.Name != primary)) yield return ImportTexts.NotAFeature("experiment.primaryOutcome", primary);
    }

    private static ImmutableArray<int> ArmsOf(Experiment there, IReadOnlyList<string> keys)
    {
        var arms = ExperimentJson.ReadPlan(there.Plan).Arms.Select(a => a.Option).ToList();
        return [.. keys.Select(k => arms.IndexOf(k))];
    }

    private static ImmutableArray<int> Arms(PastExperiment past, BlueprintContent content, IReadOnlyList<string> keys)
    {
        var baseline = past.Baseline ?? content.Rollout.Baseline ?? content.Default;
        var first = Math.Max(0, keys.ToList().IndexOf(baseline));
        return [.. keys.Select((_, i) => i == first ? 0 : i < first ? i + 1 : i)];
    }
}
