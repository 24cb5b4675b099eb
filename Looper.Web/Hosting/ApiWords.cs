using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Looper.Core;
using Microsoft.OpenApi;

namespace Looper.Web.Hosting;

/// <summary>The API's descriptions are the code's comments. Here what they point at gets the name, or the number, that a caller knows it by.</summary>
internal static partial class ApiWords
{
    private static readonly Lazy<ILookup<string, Type>> s_types = new(() =>
        new[] { typeof(Refusal).Assembly, typeof(LooperOptions).Assembly, typeof(ApiWords).Assembly }.SelectMany(a => a.GetTypes()).ToLookup(t => t.Name));

    /// <summary>Every description of the document, in place.</summary>
    public static void Mend(OpenApiDocument document)
    {
        foreach (var schema in document.Components?.Schemas?.Values.ToList() ?? []) Mend(schema);
        foreach (var operation in document.Paths.Values.SelectMany(path => path.Operations is { } all ? [.. all.Values] : Array.Empty<OpenApiOperation>()))
        {
            (operation.Summary, operation.Description) = (Mended(operation.Summary), Mended(operation.Description));
            foreach (var parameter in operation.Parameters ?? [])
            {
                parameter.Description = Mended(parameter.Description);
                if (parameter.Schema is { } schema) Mend(schema);
            }
            if (operation.RequestBody is { } body) body.Description = Mended(body.Description);
        }
    }

    /// <summary>A comment as the callers of the API read it: <c>string? Arm.Option</c> is <c>`option`</c>, a constant its value, NaN null.</summary>
    public static string Of(string comment) => NotANumber().Replace(Member().Replace(Breaks().Replace(comment.Trim(), " "), Called), "null");

    private static void Mend(IOpenApiSchema schema)
    {
        if (schema is OpenApiSchemaReference reference)
        {
            reference.Reference.Description = Mended(reference.Reference.Description); // its target has its own
            return;
        }

        schema.Description = Mended(schema.Description);
        foreach (var property in schema.Properties?.Values.ToList() ?? [])
        {
            Mend(property);
            if (property is OpenApiSchemaReference) continue;
            property.Description = Siblings(property.Description, schema.Properties!.Keys);
        }

        IEnumerable<IOpenApiSchema?> parts = [schema.Items, schema.AdditionalProperties, .. schema.AllOf ?? [], .. schema.AnyOf ?? [], .. schema.OneOf ?? []];
        foreach (var part in parts.OfType<IOpenApiSchema>()) Mend(part);
    }

    private static string? Mended(string? description) => string.IsNullOrEmpty(description) ? description : Of(description);

    /// <summary>Properties that stand beside this one: a name of two words is no other word.</summary>
    private static string? Siblings(string? description, IEnumerable<string> names) => description is null ? null : names
        .Where(name => name.Any(char.IsAsciiLetterUpper))
        .Aggregate(description, (text, name) => Regex.Replace(text, $@"\b{char.ToUpperInvariant(name[0])}{Regex.Escape(name[1..])}\b", $"`{name}`"));

    private static string Called(Match match)
    {
        var (type, name, before) = (match.Groups["type"].Value, match.Groups["member"].Value, match.Groups["of"].Value);
        var member = s_types.Value[type].SelectMany(t => t.GetMember(name, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance)).FirstOrDefault();
        return member switch
        {
            null => match.Value,
            FieldInfo { DeclaringType.IsEnum: true } => $"{before}`{JsonNamingPolicy.CamelCase.ConvertName(name)}`", // has no type before it
            FieldInfo { IsLiteral: true } constant => Convert.ToString(constant.GetRawConstantValue(), CultureInfo.InvariantCulture)!,
            _ => $"`{JsonNamingPolicy.CamelCase.ConvertName(name)}`",
        };
    }

    [GeneratedRegex(@"(?<of>\b(?:int|long|double|float|bool|string|ulong|uint|[A-Z]\w*)(?:<[\w<>?, ]+>)?(?:\[\])?\??\s)?\b(?<type>[A-Z]\w*)\.(?<member>[A-Z]\w*)(?:\([^)]*\))?")]
    private static partial Regex Member();

    [GeneratedRegex(@"\s*\n\s*")]
    private static partial Regex Breaks();

    [GeneratedRegex(@"\bNaN\b")]
    private static partial Regex NotANumber();
}
