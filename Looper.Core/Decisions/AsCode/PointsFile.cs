using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Looper.Core.Blueprints;

namespace Looper.Core.Decisions.AsCode;

/// <summary>One decision point as a file has it.</summary>
/// <param name="DecisionPoint">Its key.</param>
public sealed record PointEntry(string DecisionPoint, BlueprintContent Blueprint)
{
    /// <summary>Null leaves it as it is; of a new decision point it is the key.</summary>
    public string? Name { get; init; }

    /// <summary>Null leaves it as it is; an empty one takes it away.</summary>
    public string? Description { get; init; }

    /// <summary>The version that the file was exported from, and that it may replace.</summary>
    public int? Version { get; init; }

    /// <summary>Hash of that version. It decides where both are given: version 7 of another installation is another one.</summary>
    public string? Hash { get; init; }
}

/// <summary>A file of decision points as a repository keeps it: what an export wrote, edited or not, or what somebody wrote by hand.</summary>
public sealed class PointsFile
{
    /// <summary>What the refusals of what stands in the file say: it can be read, and cannot be used.</summary>
    public const string Code = "configuration.invalid";

    /// <summary>Bytes of a file at most.</summary>
    public const int MaxBytes = YamlReader.MaxBytes;

    private readonly ImmutableArray<ShapedYaml> _shapes;

    private PointsFile(ImmutableArray<PointEntry> entries, ImmutableArray<ShapedYaml> shapes) => (Entries, _shapes) = (entries, shapes);

    /// <summary>Said of a larger one.</summary>
    public static Refusal TooLarge => YamlReader.TooLarge;

    public ImmutableArray<PointEntry> Entries { get; }

    /// <inheritdoc cref="Read(string)"/>
    public static Answered<PointsFile> Read(ReadOnlySpan<byte> utf8) => Read(YamlReader.Read(utf8));

    /// <summary>Refused with all that does not fit, each with its path in the file and its line.</summary>
    public static Answered<PointsFile> Read(string text) => Read(YamlReader.Read(text));

    /// <summary>A fault of the decision point at <paramref name="index"/> as the reader of the file can find it.</summary>
    /// <param name="fault">Its field as in the blueprint, or <c>key</c>, <c>name</c>, <c>description</c> or <c>version</c>.</param>
    public Refusal Blame(int index, Refusal fault, string code = Code) => Blame(Entries[index].DecisionPoint, index, _shapes[index], fault, code);

    private static Answered<PointsFile> Read(Answered<YamlPart> read)
    {
        if (read.Value is not { } root) return read.Refusal!;
        if (root is YamlFields { Fields: var fields } && fields.Any(f => f.Name == "decisionPoint")) return Read([root]); // one alone, as blueprint.yaml has it
        if (root is not YamlFields { Fields: [{ Name: "decisionPoints", Value: YamlItems { Items: var items } }] })
            return new Refusal(Code, string.Create(CultureInfo.InvariantCulture, $"Line {root.Line}: the file must hold `decisionPoints:` and a list, and nothing beside it. An export shows the form."));
        return Read(items);
    }

    private static Answered<PointsFile> Read(ImmutableArray<YamlPart> items)
    {
        List<Refusal> faults = [];
        var (entries, shapes, seen) = (ImmutableArray.CreateBuilder<PointEntry>(), ImmutableArray.CreateBuilder<ShapedYaml>(), new Dictionary<string, int>(StringComparer.Ordinal));
        for (var i = 0; i < items.Length; i++)
        {
            var shaped = YamlJson.Of(items[i], typeof(PointEntry));
            var key = KeyOf(items[i]);
            faults.AddRange(shaped.Faults.Select(f => Said(key, i, f.Path, f.Line, f.Reason, Code)));
            if (key is not null && !seen.TryAdd(key, items[i].Line)) faults.Add(Said(key, i, "decisionPoint", shaped.LineOf("decisionPoint"), $"it is in the file twice, first in line {seen[key]}. Remove one of them.", Code));
            if (shaped.Faults.Count > 0) continue;
            try
            {
                entries.Add(JsonSerializer.Deserialize<PointEntry>(shaped.Json, BlueprintJson.Options)!);
                shapes.Add(shaped);
            }
            catch (JsonException fault) // what the contract does not say, such as how deep a rule may be
            {
                var malformed = BlueprintJson.Malformed(fault, "as a whole");
                faults.Add(Said(key, i, malformed.Field ?? "", shaped.LineOf(malformed.Field ?? ""), malformed.Reason[(malformed.Reason.IndexOf(": ", StringComparison.Ordinal) + 2)..], Code));
            }
        }
        if (faults.Count == 0) return new PointsFile(entries.DrainToImmutable(), shapes.DrainToImmutable());
        for (var i = 0; i < entries.Count; i++) faults.AddRange(BlueprintRules.Check(entries[i].Blueprint).Select(fault => Blame(entries[i].DecisionPoint, i, shapes[i], fault, Code))); // told with the others, not after them
        return Together(faults);
    }

    private static Refusal Blame(string key, int index, ShapedYaml shaped, Refusal fault, string code)
    {
        ArgumentNullException.ThrowIfNull(fault);
        var path = fault.Field switch
        {
            null => "",
            "key" => "decisionPoint",
            "name" or "description" or "version" => fault.Field,
            var field => $"blueprint.{field}",
        };
        var reason = fault.Field is not null && fault.Reason.StartsWith(fault.Field + ": ", StringComparison.OrdinalIgnoreCase) ? fault.Reason[(fault.Field.Length + 2)..] : fault.Reason;
        return Said(key, index, path, shaped.LineOf(path), reason, code);
    }

    /// <summary>One refusal of all of them.</summary>
    internal static Refusal Together(IReadOnlyList<Refusal> faults) => faults.Count == 1 ? faults[0] with { Faults = faults }
        : new(faults.All(f => f.Code == faults[0].Code) ? faults[0].Code : Code, $"{faults.Count} things keep the file from being applied. The first: {faults[0].Reason}") { Faults = faults };

    private static string? KeyOf(YamlPart item) => item is YamlFields { Fields: var fields } && fields.FirstOrDefault(f => f.Name == "decisionPoint")?.Value is YamlText { Text.Length: > 0 } key ? key.Text : null;

    private static Refusal Said(string? key, int index, string path, int line, string reason, string code)
    {
        var field = path.StartsWith("blueprint.", StringComparison.Ordinal) ? path["blueprint.".Length..] : path;
        var name = key is null ? $"decisionPoints[{index}]" : BlueprintRules.Shown(key);
        return new(code, string.Create(CultureInfo.InvariantCulture, $"{name}{(field.Length > 0 && field[0] != '[' ? "." : "")}{field}, line {line}: {reason}"), $"{name}{(field.Length > 0 ? "." : "")}{field}");
    }
}
