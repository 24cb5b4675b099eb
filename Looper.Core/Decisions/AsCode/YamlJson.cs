using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Looper.Core.Blueprints;

namespace Looper.Core.Decisions.AsCode;

/// <summary>The parts of a YAML file as the JSON of a type, checked against the contract by which that JSON is read (<see cref="BlueprintJson.Options"/>): there is no
/// second list of fields. Finds everything that does not fit, each with its path and line.</summary>
internal sealed class YamlJson
{
    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<YamlFault> _faults = [];
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);
    private readonly Utf8JsonWriter _json;

    private YamlJson(Utf8JsonWriter json) => _json = json;

    /// <summary>What is wrong; the JSON is whole where nothing is.</summary>
    public static ShapedYaml Of(YamlPart part, Type type)
    {
        using var bytes = new MemoryStream();
        using var json = new Utf8JsonWriter(bytes, s_writing);
        var shaped = new YamlJson(json);
        shaped.Write(part, BlueprintJson.Options.GetTypeInfo(type), "", part.Line);
        json.Flush();
        return new(Encoding.UTF8.GetString(bytes.ToArray()), shaped._faults, shaped._lines);
    }

    /// <param name="line">Of what names it: the field, or the item itself.</param>
    private void Write(YamlPart part, JsonTypeInfo type, string path, int line)
    {
        _lines[path] = line;
        if (type.Kind == JsonTypeInfoKind.Object) WriteFields(part, type, path, line);
        else if (type.Kind == JsonTypeInfoKind.Enumerable) WriteItems(part, type, path, line);
        else if (part is YamlText text) WriteScalar(text, Nullable.GetUnderlyingType(type.Type) ?? type.Type, path);
        else Refuse(path, line, $"a single value is expected here, and this is a {Kind(part)}. Write {YamlScalars.Wanted(Nullable.GetUnderlyingType(type.Type) ?? type.Type)}.");
    }

    private void WriteFields(YamlPart part, JsonTypeInfo type, string path, int line)
    {
        if (part is not YamlFields { Fields: var fields })
        {
            Refuse(path, line, $"fields with their names are expected here, and this is a {Kind(part)}. Write them below it, each as `name: value`.");
            return;
        }
        _json.WriteStartObject();
        var (actual, kind) = (type, type.PolymorphismOptions);
        if (kind is not null) actual = WriteKind(fields, type, path, line);
        var known = (actual ?? type).Properties.Where(p => p.Set is not null || p.AssociatedParameter is not null).ToList();
        foreach (var field in fields)
        {
            if (kind?.TypeDiscriminatorPropertyName == field.Name || actual is null) continue;
            var at = path.Length == 0 ? field.Name : $"{path}.{field.Name}";
            if (known.Find(p => p.Name == field.Name) is not { } property)
            {
                var meant = MeasureRules.Meant(field.Name, known.Select(p => p.Name));
                Blame(path.Length == 0 ? BlueprintRules.Shown(field.Name) : $"{path}.{BlueprintRules.Shown(field.Name)}", field.Line,
                    $"there is no such field here. {(meant is null ? $"Use {Words.List([.. known.Select(p => $"`{p.Name}`")], "or")}." : $"Did you mean `{meant}`?")}");
                continue;
            }
            _json.WritePropertyName(field.Name);
            if (field.Value is not YamlText { IsNull: true }) Write(field.Value, BlueprintJson.Options.GetTypeInfo(property.PropertyType), at, field.Line);
            else if (property.IsSetNullable) WriteNull(at, field.Line);
            else Refuse(at, field.Line, "it is empty (`null`). Give a value, or remove the line.");
        }
        foreach (var lacking in known.Where(p => actual is not null && Needs(p) && fields.All(f => f.Name != p.Name)))
            Blame(path, line, $"it lacks `{lacking.Name}`. Give {YamlScalars.Wanted(lacking.PropertyType)}.");
        _json.WriteEndObject();
    }

    /// <summary>Null where the kind is missing or unknown: then no field can be judged.</summary>
    private JsonTypeInfo? WriteKind(IEnumerable<YamlField> fields, JsonTypeInfo type, string path, int line)
    {
        var (name, kinds) = (type.PolymorphismOptions!.TypeDiscriminatorPropertyName, type.PolymorphismOptions.DerivedTypes.ToDictionary(d => (string)d.TypeDiscriminator!, d => d.DerivedType));
        var words = Words.List([.. kinds.Keys.Select(k => $"`{k}`")], "or");
        if (fields.FirstOrDefault(f => f.Name == name) is not { } field)
        {
            Blame(path, line, $"it lacks `{name}`. Give {words}.");
            return null;
        }
        if (field.Value is YamlText { IsText: true } text && kinds.TryGetValue(text.Text, out var actual))
        {
            _lines[$"{path}.{name}"] = field.Line;
            _json.WriteString(name, text.Text);
            return BlueprintJson.Options.GetTypeInfo(actual);
        }
        var meant = field.Value is YamlText { Text: var given } ? MeasureRules.Meant(given, kinds.Keys) : null;
        Blame($"{path}.{name}", field.Line, $"{(field.Value is YamlText { Text: var shown } ? $"there is no `{BlueprintRules.Shown(shown)}`" : "a word is expected here")}. {(meant is null ? $"Use {words}." : $"Did you mean `{meant}`?")}");
        return null;
    }

    private void WriteItems(YamlPart part, JsonTypeInfo type, string path, int line)
    {
        if (part is not YamlItems { Items: var items })
        {
            Refuse(path, line, $"a list is expected here, and this is a {Kind(part)}. Write its entries below it, each after a hyphen.");
            return;
        }
        _json.WriteStartArray();
        var element = BlueprintJson.Options.GetTypeInfo(type.ElementType!);
        for (var i = 0; i < items.Length; i++)
        {
            if (items[i] is YamlText { IsNull: true }) Refuse($"{path}[{i}]", items[i].Line, "this entry is empty (`null`). Remove it, or fill it in.");
            else Write(items[i], element, $"{path}[{i}]", items[i].Line);
        }
        _json.WriteEndArray();
    }

    private void WriteScalar(YamlText text, Type type, string path)
    {
        if (YamlScalars.Fault(text, type) is { } fault) Refuse(path, text.Line, fault);
        else YamlScalars.Write(_json, text, type);
    }

    private void WriteNull(string path, int line)
    {
        _lines[path] = line;
        _json.WriteNullValue();
    }

    private void Blame(string path, int line, string reason) => _faults.Add(new(path, line, reason));

    /// <summary>In the place of a value; the JSON, which is of no use any more, stays well-formed around it.</summary>
    private void Refuse(string path, int line, string reason)
    {
        Blame(path, line, reason);
        _json.WriteNullValue();
    }

    // A parameter without a default must be given, unless null says something.
    private static bool Needs(JsonPropertyInfo property) => property.IsRequired || property.AssociatedParameter is { HasDefaultValue: false, IsNullable: false };

    private static string Kind(YamlPart part) => part switch
    {
        YamlItems => "list",
        YamlFields => "group of fields",
        _ => "single value",
    };
}

/// <param name="Path">Of the field, as <c>features[2].kind</c>.</param>
internal sealed record YamlFault(string Path, int Line, string Reason);

/// <param name="Json">Whole where there is no fault.</param>
/// <param name="Lines">Of every field and entry, by its path.</param>
internal sealed record ShapedYaml(string Json, IReadOnlyList<YamlFault> Faults, IReadOnlyDictionary<string, int> Lines)
{
    /// <summary>Of the nearest thing in the file that holds it, for what is not written in it.</summary>
    public int LineOf(string path)
    {
        for (var at = path; ; at = at[..Math.Max(0, at.LastIndexOfAny(['.', '[']))])
        {
            if (Lines.TryGetValue(at, out var line)) return line;
            if (at.Length == 0) return 1;
        }
    }
}
