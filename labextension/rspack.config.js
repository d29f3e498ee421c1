// rspack's own loaders compile TypeScript and shrink CSS: none has to be installed.
module.exports = {
  module: {
    rules: [
      {
        test: /\.tsx?$/,
        exclude: /node_modules/,
        loader: 'builtin:swc-loader',
        options: {
          jsc: {
            parser: { syntax: 'typescript', tsx: true },
            target: 'es2021',
            transform: { react: { runtime: 'classic', pragma: 'h', pragmaFrag: 'Fragment' } }
          }
        },
        type: 'javascript/auto'
      },
      {
        test: /\.css$/,
        enforce: 'pre',
        loader: 'builtin:lightningcss-loader',
        options: { minify: true }
      }
    ]
  },
  resolve: { extensions: ['.ts', '.tsx', '.js'] }
};
