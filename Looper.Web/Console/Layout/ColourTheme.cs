namespace Looper.Web.Console.Layout;

/// <summary>Light, dark, or what the system says: kept in a cookie and applied by the server, before anything is painted.</summary>
public sealed record ColourTheme(string Name)
{
    public const string Cookie = "looper-theme";

    public static ColourTheme From(string? cookie) => new(cookie is "light" or "dark" ? cookie : "system");

    /// <summary>Style sheets and the media they apply to; the script changes only the media.</summary>
    public IEnumerable<(string File, string Media)> Sheets =>
    [
        ("material-base", Light), ("material-wcag", Light),
        ("material-dark-base", Dark), ("material-dark-wcag", Dark),
    ];

    private string Light => Name switch { "light" => "all", "dark" => "not all", _ => "(prefers-color-scheme: light)" };

    private string Dark => Name switch { "dark" => "all", "light" => "not all", _ => "(prefers-color-scheme: dark)" };
}
