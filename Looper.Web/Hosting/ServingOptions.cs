using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Looper.Web.Hosting;

/// <summary>How decisions are kept in step with what people edit. Section <c>Looper:Serving</c>.</summary>
public sealed class ServingOptions
{
    public const string Section = "Looper:Serving";

    /// <summary>How often to look for changes made on another node. 100 ms to 1 hour; default 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")] public TimeSpan PollEvery { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the database may be away before answers say <c>stale</c>. Zero to 1 day; default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")] public TimeSpan StaleAfter { get; set; } = TimeSpan.FromSeconds(30);
}

[OptionsValidator]
internal sealed partial class ServingOptionsValidator : IValidateOptions<ServingOptions>;
