using System.Globalization;
using System.Text.RegularExpressions;
using Looper.Web.Console.Layout;

namespace Looper.Web.Tests.Console.Layout;

public sealed class ColourTests
{
    private static readonly string[] Light = ["#ffffff", "#f5f5f5"], Dark = ["#121212", "#1e1e1e"];
    private static readonly string[] Written = ["ink", "ink-soft", "accent", "good", "bad", "unsure", "warn", "info", "series-1", "series-2", "series-3", "series-4", "series-5", "series-6", "series-7"];

    public static TheoryData<string> Tokens => [.. Written];

    [Theory, MemberData(nameof(Tokens))] // WCAG 2.2, 1.4.3: 4.5 to 1 for text
    public void A_colour_can_be_read_on_every_ground(string token)
    {
        var (light, dark) = ColoursOf(token);
        Assert.All(Light, ground => Assert.InRange(Contrast(light, ground), 4.5, 21));
        Assert.All(Dark, ground => Assert.InRange(Contrast(dark, ground), 4.5, 21));
    }

    [Theory]
    [InlineData(null, "system")]
    [InlineData("light", "light")]
    [InlineData("dark", "dark")]
    [InlineData("<script>", "system")]
    public void The_cookie_chooses_the_theme_and_nothing_else_can(string? cookie, string name) => Assert.Equal(name, ColourTheme.From(cookie).Name);

    private static (string Light, string Dark) ColoursOf(string token)
    {
        var pair = Pair(token).Match(File.ReadAllText(Path.Combine(Repository.Root, "Looper.Web/wwwroot/css/tokens.css")));
        Assert.True(pair.Success, $"tokens.css has no --{token}");
        return (pair.Groups[1].Value, pair.Groups[2].Value);
    }

    private static Regex Pair(string token) => new($@"--{token}: light-dark\((#[0-9a-f]{{6}}), (#[0-9a-f]{{6}})\)");

    private static double Contrast(string a, string b)
    {
        double x = Luminance(a), y = Luminance(b);
        return (Math.Max(x, y) + 0.05) / (Math.Min(x, y) + 0.05);
    }

    private static double Luminance(string hex)
    {
        double Channel(int at)
        {
            var value = int.Parse(hex.AsSpan(at, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
            return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
        }

        return 0.2126 * Channel(1) + 0.7152 * Channel(3) + 0.0722 * Channel(5);
    }
}
