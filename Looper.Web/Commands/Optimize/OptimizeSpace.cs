using System.Collections.Immutable;
using System.Text.Json;
using Looper.Core.Optimization;

namespace Looper.Web.Commands.Optimize;

/// <summary>The problem that a file of <c>optimize</c> describes.</summary>
/// <param name="Problem">For the kernels.</param>
/// <param name="Unused">Fields that mean nothing, by path.</param>
internal sealed record OptimizeSpace(Problem Problem, ImmutableArray<string> Unused)
{
    private readonly Dictionary<(string Parameter, string Value), JsonElement> _written = [];

    /// <summary>A value as the file wrote it: a category may be a number or a boolean there.</summary>
    public object Written(string parameter, ParameterValue value) => value.Category is { } word ? _written[(parameter, word)]
        : value.Number == Math.Round(value.Number) && Math.Abs(value.Number) < 1e15 && Problem.Space.Parameters.First(p => p.Name == parameter).Kind == ParameterKind.Whole ? (long)value.Number : value.Number;

    /// <exception cref="OptimizeFault">It describes none.</exception>
    public static OptimizeSpace Read(string text, long seed)
    {
        try
        {
            return Parsed(text, seed);
        }
        catch (InvalidOperationException) // what the reader of JSON says of a text that is none
        {
            throw new OptimizeFault("--space: a text in it holds half of a character, such as \\ud83d alone. Write the whole character.");
        }
    }

    private static OptimizeSpace Parsed(string text, long seed)
    {
        JsonElement root;
        try
        {
            root = JsonDocument.Parse(text).RootElement.Clone();
        }
        catch (JsonException fault)
        {
            throw new OptimizeFault($"--space, line {fault.LineNumber + 1}: not JSON. {fault.Message}");
        }
        if (root.ValueKind != JsonValueKind.Object) throw new OptimizeFault("--space: the file holds no object with parameters and goals.");
        var written = new Dictionary<(string, string), JsonElement>();
        ImmutableArray<Parameter> parameters = [.. List(root, "parameters").Select((p, i) => ParameterOf(p, $"parameters[{i}]", written))];
        ImmutableArray<LinearConstraint> between = [.. List(root, "parameterConstraints").Select((c, i) => BetweenOf(c, $"parameterConstraints[{i}]"))];
        foreach (var (field, reason) in ParameterSpace.Faults(parameters, between)) throw new OptimizeFault($"{field}: {reason}");
        ImmutableArray<Goal> goals = [.. List(root, "goals").Select((g, i) => GoalOf(g, $"goals[{i}]"))];
        if (goals.Length is 0 or > 3) throw new OptimizeFault($"goals: {goals.Length} goals; give one to three.");
        if (goals.Select(g => g.Metric).Distinct().Count() < goals.Length) throw new OptimizeFault("goals: a metric stands twice.");
        ImmutableArray<MetricLimit> limits = [.. List(root, "constraints").Select((c, i) => LimitOf(c, $"constraints[{i}]"))];
        var problem = new Problem(new(parameters, between), goals, limits, seed);
        if (root.TryGetProperty("statusQuo", out var quo)) problem = problem with { StatusQuo = [.. StatusQuo(problem.Space, quo)] };
        string[] known = ["parameters", "parameterConstraints", "goals", "constraints", "statusQuo"];
        var space = new OptimizeSpace(problem, [.. root.EnumerateObject().Select(p => p.Name).Except(known).Select(n => $"--space: '{n}'")]);
        foreach (var (key, value) in written) space._written[key] = value;
        return space;
    }

    private static Parameter ParameterOf(JsonElement p, string field, Dictionary<(string, string), JsonElement> written)
    {
        var name = Text(p, "name", field);
        var type = Text(p, "type", field);
        if (type == "category")
        {
            JsonElement[] values = [.. List(p, "values", field)];
            foreach (var value in values) written[(name, Word(value))] = value;
            return new(name, ParameterKind.Category) { Values = [.. values.Select(Word)] };
        }
        if (type is not ("real" or "int")) throw new OptimizeFault($"{field}.type: '{type}' is none of real, int, category.");
        var log = p.TryGetProperty("log", out var flag) && (flag.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null
            ? flag.ValueKind == JsonValueKind.True : throw new OptimizeFault($"{field}.log: give true or false."));
        return new(name, type == "int" ? ParameterKind.Whole : ParameterKind.Real) { Low = Number(p, "low", field), High = Number(p, "high", field), Log = log };
    }

    private static LinearConstraint BetweenOf(JsonElement c, string field)
    {
        if (c.ValueKind != JsonValueKind.Object || !c.TryGetProperty("weights", out var weights) || weights.ValueKind != JsonValueKind.Object)
            throw new OptimizeFault($"{field}.weights: give an object with a weight for each parameter that takes part.");
        return new(weights.EnumerateObject().ToImmutableSortedDictionary(w => w.Name, w => Number(weights, w.Name, $"{field}.weights"), StringComparer.Ordinal), Number(c, "bound", field));
    }

    private static Goal GoalOf(JsonElement g, string field)
    {
        var direction = Text(g, "direction", field);
        if (direction is not ("minimize" or "maximize")) throw new OptimizeFault($"{field}.direction: '{direction}' is none of minimize, maximize.");
        return new(Text(g, "metric", field), direction == "maximize", g.TryGetProperty("threshold", out _) ? Number(g, "threshold", field) : null);
    }

    private static MetricLimit LimitOf(JsonElement c, string field)
    {
        var type = Text(c, "type", field);
        if (type is not ("<=" or ">=")) throw new OptimizeFault($"{field}.type: '{type}' is none of <=, >=.");
        return new(Text(c, "metric", field), type == "<=", Number(c, "bound", field));
    }

    private static double[] StatusQuo(ParameterSpace space, JsonElement quo)
    {
        if (quo.ValueKind != JsonValueKind.Object) throw new OptimizeFault("statusQuo: give an object with a value for each parameter.");
        if (quo.EnumerateObject().CountBy(v => v.Name).FirstOrDefault(n => n.Value > 1) is { Value: > 1 } twice) throw new OptimizeFault($"statusQuo: '{twice.Key}' is there twice. Give it once.");
        var values = quo.EnumerateObject().ToDictionary(v => v.Name, v => v.Value.ValueKind == JsonValueKind.Number
            && space.Parameters.FirstOrDefault(p => p.Name == v.Name)?.Kind != ParameterKind.Category ? new ParameterValue(v.Value.GetDouble()) : new(Word(v.Value)));
        return space.Point(values, out var fault) ?? throw new OptimizeFault($"statusQuo: {fault}");
    }

    private static string Word(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static JsonElement[] List(JsonElement from, string name, string? field = null)
    {
        if (from.ValueKind != JsonValueKind.Object || !from.TryGetProperty(name, out var list) || list.ValueKind == JsonValueKind.Null) return [];
        return list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : throw new OptimizeFault($"{(field is null ? "" : field + ".")}{name}: give a list.");
    }

    private static string Text(JsonElement from, string name, string field) =>
        from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? text : throw new OptimizeFault($"{field}.{name}: a text is missing.");

    private static double Number(JsonElement from, string name, string field) =>
        from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble())
            ? value.GetDouble() : throw new OptimizeFault($"{field}.{name}: a number is missing.");
}
