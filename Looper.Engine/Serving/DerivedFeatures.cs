using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Serving.Histories;

namespace Looper.Core.Serving;

/// <summary>Fills in the derived features once the others have been read: what is logged, learned from and served is this one value.
/// Allocates nothing when deciding.</summary>
internal sealed class DerivedFeatures
{
    private readonly (int Feature, Rule Rule)[] _rules;

    private DerivedFeatures((int, Rule)[] rules) => _rules = rules;

    /// <summary>Null when none is derived. One that takes a feature that does not stand before it stays missing.</summary>
    public static DerivedFeatures? Of(ImmutableArray<Feature> features)
    {
        int Before(int feature, string name)
        {
            for (var i = 0; i < feature; i++)
            {
                if (features[i].Name == name) return i;
            }
            return -1;
        }
        var rules = features.Select((f, i) => (Feature: i, Rule: f.Derived is { } derivation ? Compile(derivation, name => Before(i, name)) : null)).Where(r => r.Rule is not null).ToArray();
        return rules.Length == 0 ? null : new(rules!);
    }

    /// <param name="context">Where texts lie that the workspace does not hold itself.</param>
    public void Derive(ReadOnlySpan<byte> context, DecisionWorkspace workspace)
    {
        foreach (var (feature, rule) in _rules) workspace.Values[feature] = rule.Apply(context, workspace);
    }

    /// <summary>A row as served whose derived features are not filled in yet → the whole row.</summary>
    public byte[] Complete(ReadOnlySpan<byte> served, int count, DecisionWorkspace workspace)
    {
        workspace.ClearValues(count);
        var reader = new ServedRowReader(served);
        for (var i = 0; i < count && reader.Read(); i++)
        {
            workspace.Values[i] = workspace.Keep(reader);
        }
        Derive([], workspace);
        workspace.WriteServed([], count);
        return workspace.Served.ToArray();
    }

    private static Rule Compile(Derivation derivation, Func<string, int> before)
    {
        var takes = derivation.Takes.Select(before).ToArray();
        if (takes.Contains(-1)) return new Nothing();
        return derivation switch
        {
            BucketDerivation { Edges.IsEmpty: false } bucket => new Bucket(takes[0], [.. bucket.Edges], [.. bucket.Names.Select(System.Text.Encoding.UTF8.GetBytes)]),
            CrossDerivation => new Cross(takes[0], takes[1]),
            TimePartDerivation part => TimeZoneInfo.TryFindSystemTimeZoneById(part.Zone ?? "UTC", out var zone) ? new Part(takes[0], part.Part, zone) : new Nothing(),
            RatioDerivation => new Ratio(takes[0], takes[1]),
            LogDerivation => new Log(takes[0]),
            HistoryDerivation history => new History(history.Aggregate, HistoryEvent.OutcomeOf(history.Of), history.Window.Ticks),
            _ => new Nothing(),
        };
    }

    private static double Number(DecisionWorkspace workspace, int feature) => workspace.Values[feature] switch
    {
        { Kind: ServedKind.Number } value => value.Number,
        { Kind: ServedKind.True } => 1,
        { Kind: ServedKind.False } => 0,
        _ => double.NaN,
    };

    private static ContextValue Finite(double value) => double.IsFinite(value) ? ContextValue.Of(value + 0.0) : default;

    private abstract class Rule
    {
        public abstract ContextValue Apply(ReadOnlySpan<byte> context, DecisionWorkspace workspace);
    }

    private sealed class Nothing : Rule
    {
        public override ContextValue Apply(ReadOnlySpan<byte> context, DecisionWorkspace workspace) => default;
    }

    private sealed class Bucket(int of, double[] edges, byte[][] names) : Rule
    {
        public override ContextValue Apply(ReadOnlySpan<byte> context, DecisionWorkspace workspace)
        {
            var value = Number(workspace, of);
            if (double.IsNaN(value)) return default;
            var at = 0;
            while (at < edges.Length && value >= edges[at]) at++;
            return workspace.Keep(names[at]);
        }
    }

    private sealed class Cross(int of, int with) : Rule
    {
        public override ContextValue Apply(ReadOnlySpan<byte> context, DecisionWorkspace workspace)
        {
            var text = workspace.Scratch[..ServedRow.MaxTextBytes];
            var first = workspace.WriteText(context, of, text);
            if (first < 0 || first >= text.Length) return default;
            text[first] = (byte)'|';
            var second = workspace.WriteText(context, with, text[(first + 1)..]);
            return second < 0 ? default : workspace.Keep(text[..(first + 1 + second)]);
        }
    }

    private sealed class Part(int of, TimePart part, TimeZoneInfo zone) : Rule
    {
        private static readonly double s_last = DateTimeOffset.MaxValue.ToUnixTimeSeconds() - 86_400, s_first = DateTimeOffset.MinValue.ToUnixTimeSeconds() + 86_400;

        public override ContextValue Apply(ReadOnlySpan<byte> context, DecisionWorkspace workspace)
        {
            var seconds = Math.Floor(Number(workspace, of));
            if (!(seconds > s_first && seconds < s_last)) return default;
            var utc = DateTime.UnixEpoch.AddTicks((long)seconds * TimeSpan.TicksPerSecond);
            var local = utc + zone.GetUtcOffset(utc);
            return ContextValue.Of(part switch
            {
                TimePart.Hour => local.Hour,
                TimePart.Weekday => local.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)local.DayOfWeek,
                TimePart.DayOfMonth => local.Day,
                _ => local.Month,
            });
        }
    }

    private sealed class Ratio(int of, int over) : Rule
    {
        public override ContextValue Apply(ReadOnlySpan<byte> context, DecisionWorkspace workspace) => Finite(Number(workspace, of) / Number(workspace, over));
    }

    private sealed class Log(int of) : Rule
    {
        public override ContextValue Apply(ReadOnlySpan<byte> context, DecisionWorkspace workspace) =>
            Number(workspace, of) is > -1 and var value ? Finite(Math.Log(1 + value)) : default;
    }

    private sealed class History(HistoryAggregate aggregate, ulong outcome, long window) : Rule
    {
        public override ContextValue Apply(ReadOnlySpan<byte> context, DecisionWorkspace workspace) => Finite(workspace.History.Value(aggregate, outcome, window));
    }
}
