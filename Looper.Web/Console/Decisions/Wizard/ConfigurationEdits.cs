using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Looper.Core.Blueprints;

namespace Looper.Web.Console.Decisions.Wizard;

/// <summary>What follows when a parameter of a configuration changes: default, baseline and policy keep a value for each.</summary>
internal static class ConfigurationEdits
{
    private static readonly JsonSerializerOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The present values, as far as they can be read.</summary>
    public static ImmutableSortedDictionary<string, ConfigurationValue> ValuesOf(BlueprintContent content) =>
        Configuration.Read(content.Default) ?? ImmutableSortedDictionary.Create<string, ConfigurationValue>(StringComparer.Ordinal);

    /// <summary>A policy that answered the present values goes on doing so.</summary>
    public static BlueprintContent WithPresent(BlueprintContent content, string name, ConfigurationValue value)
    {
        var next = Text(content.Parameters, ValuesOf(content).SetItem(name, value));
        return content with { Default = next, Policy = content.Policy is FixedPolicy { Option: var option } && option == content.Default ? new FixedPolicy(next) : content.Policy };
    }

    /// <summary>The policy's value of one parameter.</summary>
    public static BlueprintContent WithPolicy(BlueprintContent content, string name, ConfigurationValue value) =>
        content with { Policy = new FixedPolicy(Text(content.Parameters, (Configuration.Read((content.Policy as FixedPolicy)?.Option) ?? ValuesOf(content)).SetItem(name, value))) };

    public static BlueprintContent Renamed(BlueprintContent content, int i, string name)
    {
        var (old, parameters) = (content.Parameters[i].Name, content.Parameters.SetItem(i, content.Parameters[i] with { Name = name }));
        return Everywhere(content with { Parameters = parameters }, values => values.TryGetValue(old, out var value) ? values.Remove(old).SetItem(name, value) : values);
    }

    public static BlueprintContent OfKind(BlueprintContent content, int i, ConfigurationKind kind)
    {
        var old = content.Parameters[i];
        if (old.Kind == kind) return content;
        var now = kind == ConfigurationKind.Category ? new ConfigurationParameter(old.Name, kind) { Low = 0, High = 1, Values = ["a", "b"] }
            : old with { Kind = kind, Values = [], Low = kind == ConfigurationKind.Whole ? Math.Round(old.Low) : old.Low, High = kind == ConfigurationKind.Whole ? Math.Round(old.High) : old.High };
        return Everywhere(content with { Parameters = content.Parameters.SetItem(i, now) }, values =>
        {
            var number = values.GetValueOrDefault(old.Name).Number;
            return values.SetItem(old.Name, kind == ConfigurationKind.Category ? ConfigurationValue.Of("a") : new(double.IsFinite(number) ? kind == ConfigurationKind.Whole ? Math.Round(number) : number : now.Low));
        });
    }

    public static BlueprintContent Added(BlueprintContent content)
    {
        var n = Enumerable.Range(content.Parameters.Length + 1, int.MaxValue - content.Parameters.Length - 1).First(k => content.Parameters.All(p => p.Name != $"parameter{k}"));
        var parameter = new ConfigurationParameter($"parameter{n}") { Low = 0, High = 1 };
        return Everywhere(content with { Parameters = content.Parameters.Add(parameter) }, values => values.SetItem(parameter.Name, new(0.5)));
    }

    public static BlueprintContent Removed(BlueprintContent content, int i) =>
        Everywhere(content with { Parameters = content.Parameters.RemoveAt(i) }, values => values.Remove(content.Parameters[i].Name));

    private static BlueprintContent Everywhere(BlueprintContent content, Func<ImmutableSortedDictionary<string, ConfigurationValue>, ImmutableSortedDictionary<string, ConfigurationValue>> edit)
    {
        string Edited(string text) => Text(content.Parameters, edit(Configuration.Read(text) ?? ImmutableSortedDictionary.Create<string, ConfigurationValue>(StringComparer.Ordinal)));
        return content with
        {
            Default = Edited(content.Default),
            Rollout = content.Rollout.Baseline is { } baseline ? content.Rollout with { Baseline = Edited(baseline) } : content.Rollout,
            Policy = content.Policy is FixedPolicy { Option: var option } ? new FixedPolicy(Edited(option)) : content.Policy,
        };
    }

    // Half-typed values are kept, so it is written by what is there and not by what would be right.
    private static string Text(ImmutableArray<ConfigurationParameter> parameters, ImmutableSortedDictionary<string, ConfigurationValue> values)
    {
        var json = new JsonObject();
        foreach (var name in parameters.Select(p => p.Name).Where(values.ContainsKey).Concat(values.Keys).Distinct())
            json[name] = values[name].Word is { } word ? JsonValue.Create(word) : JsonValue.Create(double.IsFinite(values[name].Number) ? values[name].Number : 0);
        return json.ToJsonString(s_writing);
    }
}
