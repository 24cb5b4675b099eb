using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Looper.Core.Access;

internal sealed class ApiKeyMapping : IEntityTypeConfiguration<ApiKey>
{
    public void Configure(EntityTypeBuilder<ApiKey> builder)
    {
        builder.ToTable("api_keys");
        builder.HasIndex(k => k.PublicId).IsUnique();
        builder.Property(k => k.Name).HasMaxLength(200);
        builder.Property(k => k.PublicId).HasMaxLength(8);
        builder.Property(k => k.SecretHash).HasMaxLength(32);
        builder.Property(k => k.LastFour).HasMaxLength(4);
        builder.Property(k => k.CreatedBy).HasMaxLength(200);
    }
}
