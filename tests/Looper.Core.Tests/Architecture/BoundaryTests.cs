using System.Text.RegularExpressions;

namespace Looper.Core.Tests.Architecture;

/// <summary>The table "Which folder may use which" in Looper.Core/README.md, enforced on the compiled assemblies.</summary>
public partial class BoundaryTests
{
    [Fact]
    public void Each_folder_of_Engine_and_Core_uses_only_what_the_table_allows()
    {
        var allowed = Table();
        var breaches = new[] { typeof(Refusal), typeof(LooperOptions) }.SelectMany(type => NamespaceUses.Read(type.Assembly.Location))
            .Where(use => use.Key.User.StartsWith("Looper.Core", StringComparison.Ordinal))
            .Select(use => (User: Folder(use.Key.User), Used: Group(use.Key.Used), Type: use.Value, use.Key.Used))
            .Where(use => use.Used is not null && use.User != use.Used && !(allowed.TryGetValue(use.User, out var may) && may.Contains(use.Used)))
            .Select(use => $"{use.User}.{use.Type} uses {use.Item4}, which the table does not allow")
            .Distinct().Order().ToList();
        Assert.True(breaches.Count == 0, string.Join('\n', breaches));
    }

    [Fact]
    public void The_reader_sees_uses_in_bodies_signatures_and_attributes()
    {
        var uses = NamespaceUses.Read(typeof(BoundaryTests).Assembly.Location).Keys;
        Assert.Contains(("Looper.Core.Tests.Architecture", "System.Text.RegularExpressions"), uses); // a signature and a body here
        Assert.Contains(("Looper.Core.Tests.Architecture", "Xunit"), uses); // an attribute and a body here
        Assert.Contains(("Looper.Core.Tests.Architecture", "System.Reflection.Metadata"), uses);
    }

    private static string Folder(string name) => name == "Looper.Core" ? "(root)" : name.Split('.')[2];

    /// <summary>The table's word for a used namespace, or null for the plain runtime.</summary>
    private static string? Group(string name) => name switch
    {
        _ when name.StartsWith("Looper.Core", StringComparison.Ordinal) => Folder(name) is "(root)" ? null : Folder(name),
        _ when name.StartsWith("Microsoft.EntityFrameworkCore", StringComparison.Ordinal) => "EF",
        _ when name.StartsWith("Microsoft.Data", StringComparison.Ordinal) || name.StartsWith("SQLitePCL", StringComparison.Ordinal) || name.StartsWith("Npgsql", StringComparison.Ordinal) || name.StartsWith("System.Data", StringComparison.Ordinal) => "ADO",
        _ when name.StartsWith("Microsoft.Extensions.DependencyInjection", StringComparison.Ordinal) => "DI",
        _ when name.StartsWith("Microsoft.Extensions.Logging", StringComparison.Ordinal) => "Logging",
        _ when name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || name.StartsWith("Quartz", StringComparison.Ordinal) => "Host",
        _ => null,
    };

    private static Dictionary<string, HashSet<string>> Table() => Row().Matches(File.ReadAllText(Path.Combine(Repository.Root, "Looper.Core", "README.md")))
        .ToDictionary(m => m.Groups["folder"].Value, m => m.Groups["uses"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet());

    [GeneratedRegex(@"^\| `(?<folder>[^`]+)` \|[^|]*\| (?<uses>[^|]*)\|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
